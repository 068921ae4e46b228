package api

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func startStatic(t *testing.T, token string) *testServer {
	routes, err := Static("console", fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>")}, "js/main.js": {Data: []byte("import './a.js'")}, "icon.svg": {Data: []byte("<svg/>")},
	})
	require.NoError(t, err)
	return startWith(t, Config{Token: token}, append(routes, Routes(fakeWorkflows{}, "1.2.3", func() error { return nil })...)...)
}

func TestStatic(t *testing.T) {
	s := startStatic(t, testToken)
	f := func(path, mediaType, body string) {
		t.Helper()
		a := s.do("GET", path, "")
		require.Equal(t, 200, a.status, "without a token")
		require.Equal(t, mediaType, a.header.Get("Content-Type"))
		require.Equal(t, body, a.body)
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
		require.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; ")
		require.NotContains(t, a.header.Get("Content-Security-Policy"), "unsafe")
		require.Equal(t, "no-cache", a.header.Get("Cache-Control"))
		tag := a.header.Get("ETag")
		require.NotEmpty(t, tag)
		for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := s.do("GET", path, "", "If-None-Match: "+header)
			require.Equal(t, 304, again.status)
			require.Empty(t, again.body)
			require.Equal(t, tag, again.header.Get("ETag"))
		}
		require.Equal(t, 200, s.do("GET", path, "", `If-None-Match: "other"`).status)
		require.Equal(t, 200, s.do("HEAD", path, "").status)
	}
	f("/console/", "text/html; charset=utf-8", "<!doctype html>")
	f("/console/index.html", "text/html; charset=utf-8", "<!doctype html>")
	f("/console/js/main.js", "text/javascript; charset=utf-8", "import './a.js'")
	f("/console/icon.svg", "image/svg+xml", "<svg/>")
	require.Equal(t, 401, s.do("GET", "/console/js", "").status)
	require.Equal(t, 401, s.do("GET", "/console/../server.go", "").status)
	require.Equal(t, 401, s.do("POST", "/console/", "").status)
}

// TestBrowsersAreSentToThePage, and nobody else, whether there is a token or not.
func TestBrowsersAreSentToThePage(t *testing.T) {
	for _, token := range []string{"", testToken} {
		s := startStatic(t, token)
		for path, location := range map[string]string{"/": "console/", "/console": "console/", "//console": "console/"} {
			a := s.ask("GET", path, "Host", "127.0.0.1", "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
			require.Equal(t, 302, a.status, path)
			require.Equal(t, location, a.header.Get("Location"))
		}
		a := s.ask("GET", "/", "Host", "127.0.0.1", "Accept", "*/*", "Authorization", "Bearer "+testToken)
		require.Equal(t, 200, a.status)
		require.Equal(t, "Mmids version 1.2.3", a.body)
		require.Equal(t, "Accept", a.header.Get("Vary"))
	}
}

func TestStaticNeedsTypes(t *testing.T) {
	_, err := Static("console", fstest.MapFS{"a.unheard-of": {}})
	require.ErrorContains(t, err, "files of /console: a.unheard-of: media type is not known")
}
