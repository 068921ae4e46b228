package reactor

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

// newLookup makes the executor of a reactor block with these lines, as a manager does.
func newLookup(t *testing.T, log zerolog.Logger, lines ...string) *simpleHTTP {
	t.Helper()
	var executors Executors
	require.NoError(t, executors.Add(SimpleHTTPName, SimpleHTTP()))
	d := definition(t, "reactor ask executor=simple_http {\n"+strings.Join(lines, "\n")+"\n}")
	e, err := executors.create(d, log)
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return e.(*simpleHTTP)
}

// lookup asks a server once, or more often if the reactor block says so.
func lookup(t *testing.T, handler http.HandlerFunc, lines ...string) (Result, error) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	h := newLookup(t, zerolog.Nop(), append([]string{"url " + server.URL + "/lookup", "retry_delays none"}, lines...)...)
	return h.Execute(t.Context(), Query{StreamName: "cam"})
}

func TestQuestion(t *testing.T) {
	type received struct {
		line string
		host string
		body string
		http.Header
	}
	got := make(chan received, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{r.Method + " " + r.RequestURI + " " + r.Proto, r.Host, string(body), r.Header}
	}))
	defer server.Close()
	h := newLookup(t, zerolog.Nop(), "url "+server.URL+"/lookup/a?secret=1")
	f := func(q Query, body string) {
		t.Helper()
		_, err := h.Execute(t.Context(), q)
		require.NoError(t, err)
		r := <-got
		require.Equal(t, "POST /lookup/a?secret=1 HTTP/1.1", r.line)
		require.Equal(t, strings.TrimPrefix(server.URL, "http://"), r.host)
		require.JSONEq(t, body, r.body)
		require.Equal(t, http.Header{
			"Content-Type":   {"application/json"},
			"Content-Length": {fmt.Sprint(len(r.body))},
			"User-Agent":     {"mmids"},
		}, r.Header)
	}
	f(Query{StreamName: "cam1", Query: "token=a&b=<c>", ClientIP: "2001:db8::1", App: "live", Kind: Publish},
		`{"stream_name":"cam1","query":"token=a&b=<c>","client_ip":"2001:db8::1","app":"live","kind":"publish"}`)
	f(Query{StreamName: "\"quote\"\n\\ü\x00", Kind: Stream},
		`{"stream_name":"\"quote\"\n\\ü\u0000","query":"","client_ip":"","app":"","kind":"stream"}`)
	f(Query{StreamName: "cam1", Query: "a=\xff", Kind: Play},
		`{"stream_name":"cam1","query":"a=\ufffd","client_ip":"","app":"","kind":"play"}`)
}

func TestNameThatJSONCannotSayIsNotValid(t *testing.T) {
	h := newLookup(t, zerolog.Nop(), "url http://127.0.0.1:1/")
	result, err := h.Execute(t.Context(), Query{StreamName: "cam\xff"})
	require.NoError(t, err)
	require.Equal(t, Result{Reason: "the name of the stream is not UTF-8"}, result)
}

func TestAnswers(t *testing.T) {
	f := func(status int, body, want string) {
		t.Helper()
		result, err := lookup(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png") // Means nothing
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
		require.Equal(t, want, outcome(result, err), "%d %q", status, body)
	}
	const failed = "attempt 1, the last one, failed: "
	f(200, "", "valid")
	f(200, "# nothing but a remark\n", "valid")
	f(200, "workflow a routed_by_reactor {\n s\n}\nworkflow b {\n}\n", "valid a(1)* b(0)")
	f(200, "settings {\n p 1\n}\nreactor r executor=e {\n}\nworkflow a {\n}\n", "valid a(0)")
	f(404, "", "not valid")
	f(404, "workflow a {\n}\n", "not valid")
	f(404, strings.Repeat("x", 200_000), "not valid")

	for _, status := range []int{201, 202, 206, 300, 304, 400, 401, 403, 405, 410, 429, 500, 502, 503, 504} {
		body := "workflow a {\n}\n"
		if status == 304 {
			body = "" // must not have one
		}
		f(status, body, fmt.Sprintf("%sstatus %d", failed, status))
	}
	f(204, "", failed+"status 204")
}

func TestTextThatCannotBeRead(t *testing.T) {
	f := func(body string, at string, mistakes int) {
		t.Helper()
		_, err := lookup(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		require.ErrorContains(t, err, "the answer cannot be read: "+at+": ")
		require.Equal(t, mistakes > 1, strings.HasSuffix(err.Error(), fmt.Sprintf("(the first of %d mistakes)", mistakes)), err)
	}
	f("workflow a {\n}\nworkflow a {\n}\n", "answer:3:10", 1)
	f("\xff", "answer:1:1", 2)
	f("<html>\n", "answer:1:1", 1)
	f("workflow a {\n", "answer:2:1", 1)
	f("workflow {\n}\nworkflow {\n}\n", "answer:1:1", 2)
	f(strings.Repeat("workflow {\n}\n", 5000), "answer:1:1", 1001)
	f("workflow a {\n\x00\n}\n", "answer:2:1", 1)
}

// outcome describes what Execute returned: of each workflow the name, how many steps it has, and "*" if it is routable.
func outcome(r Result, err error) string {
	if err != nil {
		return err.Error()
	}
	if !r.Valid {
		return strings.TrimSpace("not valid " + r.Reason)
	}
	text := "valid"
	for _, w := range r.Workflows {
		text += fmt.Sprintf(" %s(%d)", w.Name, len(w.Steps))
		if w.RoutedByReactor {
			text += "*"
		}
	}
	return text
}

func TestSettingsAndReactorsInAnAnswerAreAWarning(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "settings {\n p 1\n}\nworkflow a nonsense {\n}\n")
	}))
	defer server.Close()
	var log logBuffer
	h := newLookup(t, zerolog.New(&log), "url "+strings.Replace(server.URL, "://", "://me:pass@", 1)+"/lookup?token=1")
	_, err := h.Execute(t.Context(), Query{StreamName: "cam", Query: "token=2"})
	require.NoError(t, err)
	lines := log.lines(t, zerolog.WarnLevel)
	require.Len(t, lines, 2)
	for _, line := range lines {
		require.Equal(t, strings.Replace(server.URL, "://", "://…@", 1)+"/lookup?…", line["url"])
		require.Equal(t, "cam", line["stream_name"])
	}
	require.Contains(t, lines[1]["first"], "nonsense")
	require.NotContains(t, log.buf.String(), "token")
}

func TestLengthOfAnAnswerIsBounded(t *testing.T) {
	body := func(size int) string {
		return "workflow a {\n}\n#" + strings.Repeat("x", size-len("workflow a {\n}\n#"))
	}
	f := func(size int, want string) {
		t.Helper()
		result, err := lookup(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body(size)) })
		require.Equal(t, want, outcome(result, err))
	}
	f(config.TextBytesMax, "valid a(0)")
	f(config.TextBytesMax+1, "attempt 1, the last one, failed: the answer is longer than 1048576 bytes")
}

// An answer without an end is left after the limit; what the kernel has taken in the meantime is all that the server
// gets rid of.
func TestHugeAnswerIsNotRead(t *testing.T) {
	for _, status := range []int{200, 404, 500} {
		sent := make(chan int, 1)
		_, err := lookup(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			chunk, n := make([]byte, 1<<16), 0
			for n < 100<<20 {
				if _, err := w.Write(chunk); err != nil {
					break
				}
				n += len(chunk)
			}
			sent <- n
		})
		require.Equal(t, status != 404, err != nil, status)
		require.Less(t, <-sent, 50<<20)
	}
}

func TestRedirectIsAFailedAttempt(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		_, err := lookup(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		})
		require.ErrorContains(t, err, fmt.Sprintf("status %d", status))
	}
	require.Zero(t, asked.Load())
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	transport := newLookup(t, zerolog.Nop(), "url http://example.test/").client.Transport.(*http.Transport)
	require.Nil(t, transport.Proxy)
}

func TestNoConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	h := newLookup(t, zerolog.Nop(), "url http://user:secret@"+address+"/secret?secret", "retry_delays 0,1ms")
	_, err = h.Execute(t.Context(), Query{StreamName: "cam"})
	require.ErrorContains(t, err, "attempt 3, the last one, failed: dial tcp")
	require.NotContains(t, err.Error(), "secret")
}

// A server that takes the question and says nothing, or breaks off.
func TestBrokenServers(t *testing.T) {
	f := func(raw, want string) {
		t.Helper()
		_, err := lookup(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, raw)
				_ = conn.Close()
			}
		})
		require.ErrorContains(t, err, want, raw)
		require.NotContains(t, err.Error(), "/lookup")
	}
	f("", "EOF")
	f("garbage\r\n\r\n", "malformed HTTP")
	f("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nworkflow a {\n}\n", "unexpected EOF")
	f("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "bad Content-Length")
	f("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "cannot be read")
	f("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2*headerBytesMax)+"\r\n\r\n", "header")
}

func TestErrorIsShort(t *testing.T) {
	_, err := lookup(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+strings.Repeat("ü", 30_000)+"\r\n\r\n")
			conn.Close()
		}
	})
	require.ErrorContains(t, err, "malformed")
	require.Less(t, len(err.Error()), 2*errorBytesMax)
}

func TestTimeoutOfARealServer(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	_, err := lookup(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-over
	}, "timeout 50ms")
	require.EqualError(t, err, "attempt 1, the last one, failed: no answer within 50ms")
}

func TestConnectionIsKept(t *testing.T) {
	var connections atomic.Int32
	status := atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, "# a remark of some length\n")
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	h := newLookup(t, zerolog.Nop(), "url "+server.URL, "retry_delays none")
	for _, s := range []int32{200, 404, 500, 200} {
		status.Store(s)
		_, err := h.Execute(t.Context(), Query{StreamName: "cam"})
		require.Equal(t, s == 500, err != nil)
	}
	require.EqualValues(t, 1, connections.Load())
}

// A server may close a connection that is kept; the next question must not fail because of that.
func TestConnectionThatTheServerClosedIsReplacedAtOnce(t *testing.T) {
	var questions atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if questions.Add(1) == 2 { // the second question on the kept connection: broken off without an answer
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}
	}))
	defer server.Close()
	h := newLookup(t, zerolog.Nop(), "url "+server.URL, "retry_delays none")
	for range 2 {
		result, err := h.Execute(t.Context(), Query{StreamName: "cam"})
		require.NoError(t, err)
		require.True(t, result.Valid)
	}
	require.EqualValues(t, 3, questions.Load())
}

func TestHTTPS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	defer server.Close()
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	var authority bytes.Buffer
	require.NoError(t, pem.Encode(&authority, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	require.NoError(t, os.WriteFile(caFile, authority.Bytes(), 0o600))

	ask := func(lines ...string) error {
		h := newLookup(t, zerolog.Nop(), append([]string{"retry_delays none"}, lines...)...)
		_, err := h.Execute(t.Context(), Query{StreamName: "cam"})
		return err
	}
	require.NoError(t, ask("url "+server.URL, "ca_file "+caFile))
	require.ErrorContains(t, ask("url "+server.URL), "certificate signed by unknown authority")
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	require.ErrorContains(t, ask("url https://localhost:"+address.Port(), "ca_file "+caFile), "certificate is valid for")
	require.ErrorContains(t, ask("url http://"+address.Host), "status 400")
}

// One POST for each name and interval, however many ask.
func TestPostsAreCounted(t *testing.T) {
	posts := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posts <- string(body)
	}))
	defer server.Close()
	var executors Executors
	require.NoError(t, executors.Add(SimpleHTTPName, SimpleHTTP()))
	m := NewManager(&executors, silentHub{}, zerolog.Nop())
	require.NoError(t, m.Create(definition(t, "reactor ask executor=simple_http {\n url "+server.URL+"\n}")))
	answers := make(chan Answer, 100)
	for range 20 {
		for _, name := range []string{"cam1", "cam2"} {
			m.Ask("ask", Query{StreamName: name}, func(a Answer) { answers <- a })
		}
	}
	for range 40 {
		select {
		case a := <-answers:
			require.True(t, a.Valid)
		case <-time.After(10 * time.Second):
			require.Fail(t, "no answer")
		}
	}
	require.NoError(t, m.Close(t.Context()))
	require.Len(t, posts, 2)
}
