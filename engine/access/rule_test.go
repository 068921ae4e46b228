package access

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseNetworks(t *testing.T) {
	good := func(list, want string) {
		t.Helper()
		got, err := ParseNetworks(list)
		require.NoError(t, err, list)
		require.Equal(t, want, joinPrefixes(got), list)
	}
	good("10.0.0.1", "10.0.0.1/32")
	good("10.0.0.1/24", "10.0.0.0/24")
	good("10.0.0.1/0", "0.0.0.0/0")
	good("10.0.0.1/255.255.255.0", "10.0.0.0/24")
	good("10.0.0.1/0.0.0.0", "0.0.0.0/0")
	good("2001:db8::1", "2001:db8::1/128")
	good("2001:db8::1/32,192.0.2.0/25", "2001:db8::/32,192.0.2.0/25")
	good("::ffff:192.0.2.1", "192.0.2.1/32")

	bad := func(list string) {
		t.Helper()
		_, err := ParseNetworks(list)
		require.Error(t, err, list)
	}
	for _, list := range []string{
		"", ",", "10.0.0.1,", "10.0.0.1, 10.0.0.2", "10.1", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/", "10.0.0.256",
		"10.0.0.1/255.0.255.0", "2001:db8::/129", "2001:db8::/255.255.0.0", "fe80::1%eth0", "host", "010.0.0.1",
	} {
		bad(list)
	}
}

func TestRule(t *testing.T) {
	networks := func(list string) []netip.Prefix {
		n, err := ParseNetworks(list)
		require.NoError(t, err)
		return n
	}
	check := func(r Rule, addr string, want bool) {
		t.Helper()
		require.Equal(t, want, r.Allows(netip.MustParseAddr(addr)), "%v of %v", addr, r)
	}
	check(Rule{}, "192.0.2.1", true)
	check(Rule{}, "2001:db8::1", true)

	allow := NewRule(networks("10.0.0.0/24,2001:db8::/32"), nil)
	check(allow, "10.0.0.255", true)
	check(allow, "10.0.1.0", false)
	check(allow, "::ffff:10.0.0.7", true) // how an IPv6 socket sees an IPv4 client
	check(allow, "2001:db8:1::1", true)
	check(allow, "2001:db9::1", false)

	deny := NewRule(nil, networks("10.0.0.0/24"))
	check(deny, "10.0.0.1", false)
	check(deny, "::ffff:10.0.0.1", false)
	check(deny, "10.0.1.1", true)
	check(deny, "2001:db8::1", true)
}
