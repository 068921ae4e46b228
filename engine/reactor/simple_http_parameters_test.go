package reactor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

func TestSimpleHTTPParameters(t *testing.T) {
	f := func(lines string, want ...string) {
		t.Helper()
		var got []string
		for _, m := range SimpleHTTP().Check(definition(t, "reactor r executor=simple_http {;"+lines+";}")) {
			require.Equal(t, IDParameter, m.ID)
			got = append(got, m.Error())
		}
		require.Equal(t, want, got, lines)
	}
	const (
		example  = "; for example url http://127.0.0.1:8080/lookup"
		time     = "; a time above zero with its unit, for example 10s or 500ms"
		times    = "; times with a comma between, for example 5s,10s, or none for only one attempt"
		portHint = "; a whole number from 1 to 65535"
	)
	f("url http://127.0.0.1")
	f(`url " http://127.0.0.1:9055/pub?a=b "`) // Trimmed
	f("url HTTPS://user:pass@[::1]:65535/")
	f("url http://h;timeout 1ms;retry_delays 0;other 1")
	f("url http://h;retry_delays none")
	f("url http://h;retry_delays 1,2,3,4,5,6,7,8,9,10")
	f("timeout", `live.conf:1:1: reactor "r": url is missing`+example)
	f("url", `live.conf:1:1: reactor "r": url is missing`+example)
	f("url: http://h", `live.conf:1:1: reactor "r": url is missing`+example)
	f(`url ""`, `live.conf:2:5: reactor "r": url is not an http or https address`+example)
	f("url 127.0.0.1/x", `live.conf:2:5: reactor "r": url is not an http or https address`+example)
	f("url 127.0.0.1:80/x", `live.conf:2:5: reactor "r": url is not an address`+example)
	f("url ftp://h/secret", `live.conf:2:5: reactor "r": url is not an http or https address`+example)
	f("url http:h", `live.conf:2:5: reactor "r": url has no host`+example)
	f("url http:///x", `live.conf:2:5: reactor "r": url has no host`+example)
	f("url http://:80/x", `live.conf:2:5: reactor "r": url has no host`+example)
	f("url http://h:0/", `live.conf:2:5: reactor "r": url has an impossible port`+portHint)
	f("url http://h:65536/", `live.conf:2:5: reactor "r": url has an impossible port`+portHint)
	f("url http://user:secret@h:x/", `live.conf:2:5: reactor "r": url is not an address`+example)
	f(`url "http://h/%zz"`, `live.conf:2:5: reactor "r": url is not an address`+example)
	f("url http://h; timeout 0", `live.conf:3:10: reactor "r": timeout "0" is not a time`+time)
	f("url http://h; timeout -1s", `live.conf:3:10: reactor "r": timeout "-1s" is not a time`+time)
	f("url http://h; timeout soon", `live.conf:3:10: reactor "r": timeout "soon" is not a time`+time)
	f("url http://h; timeout 9999999999999", `live.conf:3:10: reactor "r": timeout "9999999999999" is not a time`+time)
	f("url http://h; retry_delays 5,x,-1s",
		`live.conf:3:15: reactor "r": retry_delays: "x" is not a time`+times,
		`live.conf:3:15: reactor "r": retry_delays: "-1s" is not a time`+times)
	f(`url http://h; retry_delays ""`, `live.conf:3:15: reactor "r": retry_delays: "" is not a time`+times)
	f("url http://h; retry_delays 1,2,3,4,5,6,7,8,9,10,11", `live.conf:3:15: reactor "r": retry_delays has 11 times; at most 10`)
	f("timeout x;url ftp://h",
		`live.conf:3:5: reactor "r": url is not an http or https address`+example,
		`live.conf:2:9: reactor "r": timeout "x" is not a time`+time)
	f("url https://h; ca_file /nowhere/ca.pem",
		`live.conf:3:10: reactor "r": ca_file cannot be read: open /nowhere/ca.pem: no such file or directory`)

	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	mistakes := SimpleHTTP().Check(definition(t, `reactor r executor=simple_http {;url https://h;ca_file "`+empty+`";}`))
	require.Len(t, mistakes, 1)
	require.Contains(t, mistakes[0].Message, "has no certificate")
}

func TestSimpleHTTPDefaults(t *testing.T) {
	p, mistakes := parseSimpleHTTP(definition(t, "reactor r executor=simple_http {;url http://h;}"))
	require.Empty(t, mistakes)
	require.Equal(t, 10*time.Second, p.timeout)
	require.Equal(t, []time.Duration{5 * time.Second, 10 * time.Second}, p.retryDelays)
	require.Nil(t, p.authorities)
}

func TestUnknownParameterIsAWarning(t *testing.T) {
	var log logBuffer
	newLookup(t, zerolog.New(&log), "url http://h", "timeot 5s")
	lines := log.lines(t, zerolog.WarnLevel)
	require.Len(t, lines, 1)
	require.Contains(t, lines[0]["parameter"], "timeot")
}

func TestNewRefusesWhatCheckFinds(t *testing.T) {
	_, err := SimpleHTTP().New(config.Reactor{Name: "r"}, zerolog.Nop())
	require.ErrorContains(t, err, "url is missing")
}

func TestShownIsShort(t *testing.T) {
	require.True(t, strings.HasSuffix(shown(strings.Repeat("x", 100)), `"…`))
}
