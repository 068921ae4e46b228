package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestAnswers(t *testing.T) {
	handler := newHandler(fstest.MapFS{
		"secret.mmids":     {Data: []byte("not for anybody")},
		"live/cam.mmids":   {Data: []byte("workflow w {\n}\n")},
		"live/empty.mmids": {},
		"live/a/b.mmids":   {Data: []byte("nested")},
	})
	f := func(method, path, body string, status int, text string) {
		t.Helper()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		require.Equal(t, status, w.Code)
		if status == http.StatusOK {
			require.Equal(t, text, w.Body.String())
		}
	}
	f("POST", "/live", `{"stream_name":"cam","kind":"publish"}`, 200, "workflow w {\n}\n")
	f("POST", "/live", `{"stream_name":"empty"}`, 200, "")
	f("POST", "/live", `{"stream_name":"unknown"}`, 404, "")
	f("POST", "/other", `{"stream_name":"cam"}`, 404, "")
	for _, name := range []string{"", ".", "..", "../secret", "../live/cam", "/etc/passwd", `..\\secret`, "./cam", "a/b"} {
		f("POST", "/live", `{"stream_name":"`+name+`"}`, 404, "")
	}
	f("POST", "/..", `{"stream_name":"secret"}`, 307, "") // to /
	f("POST", "/%2e%2e", `{"stream_name":"secret"}`, 404, "")
	f("POST", "/live", `{"stream_name":`, 400, "")
	f("POST", "/live", strings.Repeat(" ", questionBytesMax+1), 400, "")
	f("POST", "/", `{"stream_name":"cam"}`, 404, "")
	f("GET", "/live", "", 405, "")
}
