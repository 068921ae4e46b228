package api

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"mmids/engine/panics/panictest"
)

// logBook keeps what was logged.
type logBook struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (b *logBook) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.Write(line)
}

func (b *logBook) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.String()
}

// events returns the lines that have this message.
func (b *logBook) events(t *testing.T, message string) []map[string]any {
	t.Helper()
	var events []map[string]any
	for line := range strings.Lines(b.text()) {
		var event map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &event), line)
		if event["message"] == message {
			events = append(events, event)
		}
	}
	return events
}

// testServer is a server on a loopback port that ends with its test.
type testServer struct {
	*Server
	t   *testing.T
	log *logBook
}

func start(t *testing.T, routes ...Route) *testServer {
	t.Helper()
	return startWith(t, Config{}, routes...)
}

// startWith completes a configuration and starts a server with it.
func startWith(t *testing.T, c Config, routes ...Route) *testServer {
	t.Helper()
	return startHooked(t, "", c, routes...)
}

// startHooked is startWith with a hook on the log.
func startHooked(t *testing.T, hook panictest.At, c Config, routes ...Route) *testServer {
	t.Helper()
	router := NewRouter()
	for _, r := range routes {
		require.NoError(t, router.Add(r))
	}
	log := &logBook{}
	c.Address = cmp.Or(c.Address, ":0")
	c.Router, c.Log = router, zerolog.New(log).Level(zerolog.DebugLevel).Hook(hook)
	server, err := Listen(c)
	require.NoError(t, err)
	server.Serve()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	return &testServer{server, t, log}
}

// answer is what a client sees.
type answer struct {
	status int
	header http.Header
	body   string
	closes bool // the connection ends with it
}

func (a answer) id() string { return a.header.Get("x-request-id") }

// do sends a request; header is "name: value" for each line.
func (s *testServer) do(method, target, body string, header ...string) answer {
	s.t.Helper()
	request, err := http.NewRequest(method, "http://"+s.Addr().String()+target, strings.NewReader(body))
	require.NoError(s.t, err)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	return s.send(request)
}

func (s *testServer) send(request *http.Request) answer {
	s.t.Helper()
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	return s.read(response)
}

func (s *testServer) read(response *http.Response) answer {
	s.t.Helper()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	a := answer{response.StatusCode, response.Header, string(text), response.Close}
	// On every answer.
	id, err := uuid.Parse(a.id())
	require.NoError(s.t, err, "x-request-id %q", a.id())
	require.EqualValues(s.t, 4, id.Version())
	require.Len(s.t, a.header.Values("x-request-id"), 1)
	require.Empty(s.t, a.header.Get("Server"))
	return a
}

// raw sends bytes as they are and reads one answer.
func (s *testServer) raw(request string) answer {
	s.t.Helper()
	conn := s.dial()
	_, err := io.WriteString(conn, request)
	require.NoError(s.t, err)
	_ = conn.(*net.TCPConn).CloseWrite() // fails if the server has closed already
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(s.t, err)
	return s.read(response)
}

func (s *testServer) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { conn.Close() })
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	return conn
}

func get(path string, h Handler) Route { r := routeOf("GET " + path); r.Handler = h; return r }

func TestUnknownPath(t *testing.T) {
	s := start(t, get("/known", Healthz()))
	for _, target := range []string{"/", "/unknown", "/known/more", "/KNOWN"} {
		a := s.do("GET", target, "")
		require.Equal(t, 404, a.status)
		require.Equal(t, "Invalid URL", a.body)
		require.Equal(t, textPlain, a.header.Get("Content-Type"))
	}
	require.Equal(t, 404, s.raw("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").status)
	require.Equal(t, 200, s.raw("GET //known/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status)
	require.Equal(t, 200, s.raw("GET http://x/known HTTP/1.1\r\nHost: localhost\r\n\r\n").status)
}

func TestUnknownMethod(t *testing.T) {
	s := start(t, get("/known", Healthz()), routeOf("PUT /known"))
	a := s.do("POST", "/known", "x")
	require.Equal(t, 405, a.status)
	require.Equal(t, "GET, HEAD, PUT", a.header.Get("Allow"))
	require.Empty(t, a.body)
}

func TestHead(t *testing.T) {
	s := start(t, get("/known", Healthz()))
	a := s.do("HEAD", "/known", "")
	require.Equal(t, 200, a.status)
	require.Empty(t, a.body)
	require.Equal(t, "2", a.header.Get("Content-Length"))
}

func TestRequestsAreLogged(t *testing.T) {
	s := start(t, get("/known", func(r *Request) { r.Log.Info().Msg("from the handler"); r.Empty(202) }))
	a := s.do("GET", "/known?token=very-secret&x", "", "x-request-id: from-the-client", "Authorization: very-secret")
	require.NotEqual(t, "from-the-client", a.id())

	for _, message := range []string{"request in", "from the handler", "request out"} {
		events := s.log.events(t, message)
		require.Len(t, events, 1, message)
		event := events[0]
		require.Equal(t, "info", event["level"])
		require.Equal(t, a.id(), event["request_id"])
		require.Equal(t, "GET", event["http_method"])
		require.Equal(t, "/known?…", event["http_uri"])
		require.Equal(t, "127.0.0.1", event["client_ip"])
	}
	out := s.log.events(t, "request out")[0]
	require.EqualValues(t, 202, out["status"])
	require.IsType(t, 0.0, out["duration"])
	require.NotContains(t, s.log.text(), "very-secret")

	b := s.do("GET", "/unknown", "")
	require.NotEqual(t, a.id(), b.id())
	require.Equal(t, b.id(), s.log.events(t, "request out")[1]["request_id"])
	require.EqualValues(t, 404, s.log.events(t, "request out")[1]["status"])
}

func TestQuietRequestsAreLoggedAtDebugLevel(t *testing.T) {
	route := get("/probe", Healthz())
	route.Quiet = true
	s := start(t, route)
	s.do("GET", "/probe", "")
	require.Equal(t, "debug", s.log.events(t, "request in")[0]["level"])
	require.Equal(t, "debug", s.log.events(t, "request out")[0]["level"])
}

func TestPanicIsAnsweredAndLogged(t *testing.T) {
	s := start(t,
		get("/panic", func(r *Request) {
			r.HTTP.Response.Header.Set("X-Half", "done")
			r.Text(200, "half an answer")
			panic(errors.New("broken handler"))
		}),
		get("/known", Healthz()))
	a := s.do("GET", "/panic", "")
	require.Equal(t, 500, a.status)
	require.Empty(t, a.body)
	require.Empty(t, a.header.Get("X-Half"))
	require.Empty(t, a.header.Get("Content-Type"))

	events := s.log.events(t, "handler panicked")
	require.Len(t, events, 1)
	require.Equal(t, a.id(), events[0]["request_id"])
	require.Equal(t, "broken handler", events[0]["panic"])
	require.Contains(t, events[0]["stack"], "server_test.go")
	require.EqualValues(t, 500, s.log.events(t, "request out")[0]["status"])
	require.Equal(t, 200, s.do("GET", "/known", "").status, "the process lives")
}

// TestPanicBesideTheHandler covers everything around it that serves a request.
func TestPanicBesideTheHandler(t *testing.T) {
	f := func(at panictest.At, request string, status int) {
		t.Helper()
		s := startHooked(t, at, Config{}, get("/known", Healthz()))
		for range 2 { // the server lives on
			require.Equal(t, status, s.raw(request).status)
		}
		panics := 0
		for _, message := range []string{"handler panicked", "panic behind a request", "panic at a request that cannot be read"} {
			for _, e := range s.log.events(t, message) {
				panics++
				require.Equal(t, "at "+string(at), e["panic"])
				require.NotEmpty(t, e["request_id"])
			}
		}
		require.Equal(t, 2, panics)
	}
	f("request in", "GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n", 500)
	f("request out", "GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n", 200)
	f("request cannot be read", "nonsense\r\n\r\n", 400)
}

func TestUnreadableRequests(t *testing.T) {
	s := start(t, get("/known", Healthz()))
	f := func(request string, status int) {
		t.Helper()
		a := s.raw(request)
		require.Equal(t, status, a.status)
		require.True(t, a.closes)
		events := s.log.events(t, "request cannot be read")
		require.Equal(t, a.id(), events[len(events)-1]["request_id"])
	}
	f("nonsense\r\n\r\n", 400)
	f("GET /known HTTP/1.1\r\nno colon\r\n\r\n", 400)
	f("PUT /known HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n", 400)
	f("PUT /known HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nshort", 400)
	// Not more than the server reads: what it leaves unread would reset the connection, maybe before the answer.
	long := "GET /known HTTP/1.1\r\nHost: localhost\r\nX-Long: "
	f(long+strings.Repeat("x", 8<<10-len(long)), 431)
}

func TestRequestThatComesTooSlowly(t *testing.T) {
	s := start(t)
	var ctx fasthttp.RequestCtx
	s.handleUnreadable(&ctx, fmt.Errorf("header: %w", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}))
	require.Equal(t, 408, ctx.Response.StatusCode())
}

func TestListenFailsOnABusyPort(t *testing.T) {
	s := start(t)
	_, err := Listen(Config{Address: s.Addr().String(), Router: NewRouter()})
	require.ErrorContains(t, err, "api: listen tcp "+s.Addr().String())
}

func TestListenNeedsAnAddress(t *testing.T) {
	for _, address := range []string{"", "9000", "127.0.0.1", "127.0.0.1:65536"} {
		_, err := Listen(Config{Address: address, Router: NewRouter()})
		require.ErrorContains(t, err, "api: ", address)
	}
}

func TestDefaultAddressIsLoopback(t *testing.T) {
	s := start(t)
	require.True(t, s.Addr().(*net.TCPAddr).IP.Equal(net.IPv4(127, 0, 0, 1)), s.Addr())
}

func TestShutdownLetsRunningRequestsFinish(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := start(t, get("/slow", func(r *Request) { close(entered); <-release; r.Text(200, "finished") }))
	result := make(chan answer, 1)
	go func() { result <- s.do("GET", "/slow", "") }()
	<-entered

	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	<-s.done // the port is closed
	_, err := net.Dial("tcp", s.Addr().String())
	require.Error(t, err)
	select {
	case <-ended:
		t.Fatal("shutdown did not wait")
	default:
	}

	close(release)
	a := <-result
	require.Equal(t, "finished", a.body)
	require.NoError(t, <-ended)
	require.NoError(t, s.Shutdown(context.Background()), "a second time")
}

func TestShutdownGivesUpWithItsContext(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := start(t, get("/slow", func(r *Request) { close(entered); <-release }))
	result := make(chan answer, 1)
	go func() { result <- s.do("GET", "/slow", "") }()
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, s.Shutdown(ctx), context.Canceled)
	close(release)
	require.Equal(t, 200, (<-result).status)
}

func TestShutdownWithoutServe(t *testing.T) {
	server, err := Listen(Config{Address: ":0", Router: NewRouter()})
	require.NoError(t, err)
	require.NoError(t, server.Shutdown(context.Background()))
	_, err = net.Dial("tcp", server.Addr().String())
	require.Error(t, err)
}

func TestBody(t *testing.T) {
	const limit = 100 << 10
	s := start(t, Route{Method: "PUT", Handler: func(r *Request) {
		body, err := r.Body(limit)
		switch {
		case errors.Is(err, ErrBodyTooLarge):
			r.Text(413, err.Error())
		case err != nil:
			r.Text(400, err.Error())
		default:
			r.Text(200, fmt.Sprintf("%d %d", len(body), bytes.Count(body, []byte{'x'})))
		}
	}})
	f := func(size, status int, want string) {
		t.Helper()
		body := strings.Repeat("x", size)
		a := s.do("PUT", "/", body)
		require.Equal(t, status, a.status)
		require.Equal(t, want, a.body)

		chunked, err := http.NewRequest("PUT", "http://"+s.Addr().String(), io.MultiReader(strings.NewReader(body)))
		require.NoError(t, err)
		require.EqualValues(t, 0, chunked.ContentLength)
		a = s.send(chunked)
		require.Equal(t, status, a.status)
		require.Equal(t, want, a.body)
	}
	f(0, 200, "0 0")
	f(1, 200, "1 1")
	f(9<<10, 200, "9216 9216")
	f(limit, 200, "102400 102400")
	f(limit+1, 413, "body is too large: at most 102400 bytes")
	f(6<<20, 413, "body is too large: at most 102400 bytes") // the answer comes although the client is still sending

	a := s.raw("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 10000))
	require.Equal(t, 400, a.status)
	require.Equal(t, "body ends before its announced length: 10000 of 20000 bytes", a.body)
	a = s.raw("PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxx")
	require.Equal(t, 400, a.status)
	require.Contains(t, a.body, "body cannot be read")
	require.Equal(t, "0 0", s.raw("PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n").body)
}

// A client that sends before it reads gets its answer although nobody wants its body.
func TestAnswerToAnUnreadBody(t *testing.T) {
	s := start(t, get("/known", Healthz()))
	body := strings.Repeat("x", 6<<20)
	require.Equal(t, 404, s.do("PUT", "/unknown", body).status)
	require.Equal(t, 405, s.do("PUT", "/known", body).status)
	require.Equal(t, 200, s.do("GET", "/known", body).status)
}

// A body that nobody reads is not taken for the next request.
func TestConnectionIsReusedAfterAnUnreadBody(t *testing.T) {
	s := start(t, get("/known", Healthz()))
	conn := s.dial()
	_, err := io.WriteString(conn, "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n"+strings.Repeat("GET ", 7500)+
		"GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(conn)
	for _, status := range []int{404, 200} {
		response, err := http.ReadResponse(reader, nil)
		require.NoError(t, err)
		require.Equal(t, status, s.read(response).status)
	}
	conn.Close()
}

func TestJSONThatCannotBeEncoded(t *testing.T) {
	s := start(t, get("/", func(r *Request) { r.JSON(200, map[string]any{"f": func() {}}) }))
	a := s.do("GET", "/", "")
	require.Equal(t, 500, a.status)
	require.Empty(t, a.body)
}

func BenchmarkRequest(b *testing.B) {
	router := NewRouter()
	for _, r := range Routes(fakeWorkflows{}, "1.0.0", func() error { return nil }) {
		require.NoError(b, router.Add(r))
	}
	server, err := Listen(Config{Address: ":0", Router: router, Log: zerolog.Nop()})
	require.NoError(b, err)
	server.Serve()
	defer server.Shutdown(context.Background())
	conn, err := net.Dial("tcp", server.Addr().String())
	require.NoError(b, err)
	defer conn.Close()
	request := []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	reader := bufio.NewReader(conn)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
	}
}
