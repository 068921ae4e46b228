package access

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Rule limits who may use a registration. The zero value lets everybody in.
type Rule struct {
	allow []netip.Prefix // when not empty, an address must be in one of them
	deny  []netip.Prefix // an address must be in none of them
}

// NewRule makes a rule from networks that may come in, or networks that may not.
func NewRule(allow, deny []netip.Prefix) Rule { return Rule{allow: allow, deny: deny} }

// Allows reports whether a client at addr may come in.
func (r Rule) Allows(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if len(r.allow) > 0 && !contains(r.allow, addr) {
		return false
	}
	return !contains(r.deny, addr)
}

func (r Rule) String() string {
	switch {
	case len(r.allow) > 0:
		return "allow " + joinPrefixes(r.allow)
	case len(r.deny) > 0:
		return "deny " + joinPrefixes(r.deny)
	}
	return "none"
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func joinPrefixes(list []netip.Prefix) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return strings.Join(texts, ",")
}

// ParseNetworks reads a comma-separated list of IPv4 and IPv6 addresses and networks: "10.0.0.1", "10.0.0.0/24",
// "10.0.0.0/255.255.255.0", "2001:db8::/32". Bits behind the prefix length are ignored. Shortened forms such as
// "10.1" are refused, because people disagree about what they mean.
func ParseNetworks(list string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for entry := range strings.SplitSeq(list, ",") {
		p, err := parseNetwork(entry)
		if err != nil {
			return nil, err
		}
		networks = append(networks, p)
	}
	return networks, nil
}

func parseNetwork(entry string) (netip.Prefix, error) {
	wrong := func() (netip.Prefix, error) {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address such as 192.0.2.7 or 2001:db8::7 nor a network such as 192.0.2.0/24", entry)
	}
	host, length, isNetwork := strings.Cut(entry, "/")
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" {
		return wrong()
	}
	addr = addr.Unmap()
	bits := addr.BitLen()
	if isNetwork {
		if bits, err = prefixLength(length, addr); err != nil {
			return wrong()
		}
	}
	return netip.PrefixFrom(addr, bits).Masked(), nil
}

// prefixLength reads what stands behind the slash: a number of bits, or for IPv4 a dotted mask.
func prefixLength(text string, addr netip.Addr) (int, error) {
	if mask, err := netip.ParseAddr(text); err == nil && mask.Is4() && addr.Is4() {
		return maskLength(mask.As4())
	}
	bits, err := strconv.ParseUint(text, 10, 8)
	if err != nil || int(bits) > addr.BitLen() {
		return 0, fmt.Errorf("prefix length %q", text)
	}
	return int(bits), nil
}

func maskLength(mask [4]byte) (bits int, err error) {
	ended := false
	for _, b := range mask {
		for i := 7; i >= 0; i-- {
			one := b>>i&1 == 1
			if one && ended {
				return 0, fmt.Errorf("mask with a hole")
			}
			ended = !one
			if one {
				bits++
			}
		}
	}
	return bits, nil
}
