package api

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testToken = "0123456789abcdef"

// ask sends a request with these names and values as its header. A value that is empty leaves the name out.
func (s *testServer) ask(method, target string, header ...string) answer {
	s.t.Helper()
	request := method + " " + target + " HTTP/1.1\r\n"
	for i := 0; i < len(header); i += 2 {
		if header[i+1] != "" {
			request += header[i] + ": " + header[i+1] + "\r\n"
		}
	}
	return s.raw(request + "\r\n")
}

// TestTokenIsNeeded: for everything but the probes, unknown paths included.
func TestTokenIsNeeded(t *testing.T) {
	s := startWith(t, Config{Token: testToken}, Routes(fakeWorkflows{}, "1.2.3", func() error { return nil })...)
	f := func(method, target, authorization string, status int) {
		t.Helper()
		a := s.ask(method, target, "Host", "example.com", "Authorization", authorization)
		require.Equal(t, status, a.status)
		if status == 401 {
			require.Equal(t, `Bearer realm="mmids"`, a.header.Get("WWW-Authenticate"))
			require.NotContains(t, a.body, "1.2.3")
			require.Empty(t, a.header.Get("Allow"))
			require.NotEmpty(t, a.id())
		}
	}
	for _, request := range []string{
		"GET /", "GET /workflows", "PUT /workflows", "GET /workflows/a", "DELETE /workflows/a", "GET /nothing", "POST /workflows", "OPTIONS /workflows", "POST /workflows/plan",
	} {
		method, target, _ := strings.Cut(request, " ")
		for _, authorization := range []string{
			"", "Bearer", "Bearer ", testToken, "Basic " + testToken, "Bearer " + testToken[1:], "Bearer " + testToken + "0",
			"Bearer " + strings.ToUpper(testToken), "BearerX " + testToken, "Bearer " + testToken + " " + testToken,
		} {
			f(method, target, authorization, 401)
		}
	}
	for _, authorization := range []string{"Bearer " + testToken, "bearer " + testToken, "BEARER  " + testToken + " "} {
		f("GET", "/", authorization, 200)
	}
	f("GET", "/nothing", "Bearer "+testToken, 404)
	f("POST", "/workflows", "Bearer "+testToken, 405)
	f("GET", "/healthz", "", 200)
	f("GET", "/readyz", "", 200)
	require.NotContains(t, s.log.text(), testToken)
	require.NotContains(t, s.log.text(), strings.ToUpper(testToken))
}

// TestTokenMakesNamesGood: a page does not know it, so that a proxy may ask by any name.
func TestTokenMakesNamesGood(t *testing.T) {
	s := startWith(t, Config{Token: testToken}, Routes(fakeWorkflows{}, "1.2.3", func() error { return nil })...)
	a := s.ask("GET", "/", "Authorization", "Bearer "+testToken, "Host", "mmids.example.com", "Origin", "https://dashboard.example.com")
	require.Equal(t, 200, a.status)
}

// TestWebPagesAreRefused: a page in a browser on this machine must not use an API that has no token.
func TestWebPagesAreRefused(t *testing.T) {
	changed := 0
	s := startWith(t, Config{}, append(Routes(fakeWorkflows{}, "1.2.3", func() error { return nil }),
		Route{Method: "POST", Path: []Part{Exact("change")}, Handler: func(r *Request) { changed++; r.Empty(200) }})...)
	f := func(method, target, host, origin string, status int) {
		t.Helper()
		a := s.ask(method, target, "Host", host, "Origin", origin)
		require.Equal(t, status, a.status, "%s %s", host, origin)
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
	}
	for _, host := range []string{
		"evil.example", "evil.example:9011", "localhost.evil.example:9011", "127.0.0.1.evil.example", "evil.localhost", "127.1", "0x7f000001", "2130706433",
		"user@127.0.0.1",
	} {
		f("GET", "/", host, "", 403)
		f("POST", "/change", host, "http://"+host, 403) // DNS rebinding: it is the page's own site
		f("DELETE", "/workflows/a", host, "http://"+host, 403)
		f("GET", "/nothing", host, "", 403)
		f("GET", "/healthz", host, "", 200)
		f("GET", "/readyz", host, "", 200)
	}
	for _, host := range []string{"127.0.0.1:9011", "localhost:9011", "LOCALHOST", "[::1]:9011", "[::1]", "192.0.2.7:80"} {
		f("GET", "/", host, "", 200)
		f("GET", "/", host, "http://"+host, 200)
		for _, origin := range []string{"http://evil.example", "https://evil.example:9011", "null", "http://127.0.0.1:3000", "file://", "http://" + host + ".evil.example"} {
			f("POST", "/change", host, origin, 403)
			f("GET", "/", host, origin, 403)
		}
	}
	require.Zero(t, changed)
	f("POST", "/change", "127.0.0.1:9011", "", 200)
	require.Equal(t, 1, changed)
}

func TestIsAddress(t *testing.T) {
	for _, host := range []string{"", ":9011", "localhost", "127.0.0.1:1", "[::1]:1", "[::1]"} {
		require.True(t, isAddress([]byte(host)), host)
	}
	for _, host := range []string{"[::1].evil.example", "[evil.example]:1", "[localhost]", "[::1]x:1", "localhost.", "localhos", "127.0.0.1.", "127.0.0.1x"} {
		require.False(t, isAddress([]byte(host)), host)
	}
}

// TestPreflightIsRefused: so a page cannot use methods that need one, whatever its site.
func TestPreflightIsRefused(t *testing.T) {
	s := official(t, fakeWorkflows{})
	a := s.ask("OPTIONS", "/workflows", "Host", "127.0.0.1", "Access-Control-Request-Method", "PUT")
	require.Equal(t, 405, a.status)
	for name := range a.header {
		require.False(t, strings.HasPrefix(name, "Access-Control-"), name)
	}
}

// TestHostMayBeMissing: a program of old may leave it out, a browser never does.
func TestHostMayBeMissing(t *testing.T) {
	s := official(t, fakeWorkflows{})
	require.Equal(t, 200, s.raw("GET / HTTP/1.0\r\n\r\n").status)
}

// TestStrangersLearnNoVersion: neither of the product nor of what it is made of, whatever they send.
func TestStrangersLearnNoVersion(t *testing.T) {
	s := startWith(t, Config{Token: testToken}, Routes(fakeWorkflows{}, "1.2.3", func() error { return nil })...)
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		"GARBAGE\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"FLV\x01\x05\x00\x00\x00\x09\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 2*8<<10) + "\r\n\r\n",
		"PUT /workflows HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
		"PUT /workflows HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	} {
		c := s.dial()
		_, _ = io.WriteString(c, request)
		text, _ := io.ReadAll(c)
		_ = c.Close()
		lower := strings.ToLower(string(text))
		require.Contains(t, lower, "http/1.1 ", request)
		for _, word := range []string{"server:", "fasthttp", "1.2.3", "golang", "go1.", "mmids version"} {
			require.NotContains(t, lower, word, request)
		}
	}
}

func TestListenersElsewhereAreWarnedOf(t *testing.T) {
	f := func(address, token string, warned bool) {
		t.Helper()
		s := startWith(t, Config{Address: address, Token: token})
		require.Equal(t, warned, strings.Contains(s.log.text(), "has no token"), address)
	}
	f("127.0.0.1:0", "", false)
	f("0.0.0.0:0", "", true)
	f("0.0.0.0:0", testToken, false)
}

// TestTokenChanges while the server runs: the old one is worth nothing any more.
func TestTokenChanges(t *testing.T) {
	s := startWith(t, Config{Token: testToken}, Routes(fakeWorkflows{}, "1.2.3", func() error { return nil })...)
	const other = "another-token-of-this-test"
	status := func(token string) int {
		return s.ask("GET", "/workflows", "Host", "localhost", "Authorization", "Bearer "+token).status
	}
	require.Equal(t, 200, status(testToken))
	require.Equal(t, 401, status(other))
	s.SetToken(other)
	require.Equal(t, 401, status(testToken))
	require.Equal(t, 200, status(other))
}

// TestRefusedBodyIsNotReadFor: whoever has no token does not make the server read, or wait for, what it announces.
func TestRefusedBodyIsNotReadFor(t *testing.T) {
	s := startWith(t, Config{Token: testToken, Limits: Limits{ReadTimeout: time.Hour}}, Routes(fakeWorkflows{}, "1.2.3", func() error { return nil })...)
	conn := s.dial()
	// fasthttp itself reads the first 8 KiB before it calls a handler.
	_, err := io.WriteString(conn, "PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n"+strings.Repeat("x", 8<<10))
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, 401, response.StatusCode)
	require.True(t, response.Close)
}
