package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
	"mmids/fuzz/budget"
)

// fuzzConn is a connection whose client has said everything already and gone on to listen.
type fuzzConn struct {
	io.Reader
	said bytes.Buffer // by the server
}

func (c *fuzzConn) Write(b []byte) (int, error)      { return c.said.Write(b) }
func (c *fuzzConn) Close() error                     { return nil }
func (c *fuzzConn) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9011} }
func (c *fuzzConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5} }
func (c *fuzzConn) SetDeadline(time.Time) error      { return nil }
func (c *fuzzConn) SetReadDeadline(time.Time) error  { return nil }
func (c *fuzzConn) SetWriteDeadline(time.Time) error { return nil }

// fuzzStatuses are all that the API answers.
var fuzzStatuses = []int{100, 200, 400, 403, 404, 405, 408, 413, 415, 431, 500, 501, 503, 505}

// requestBudget: a request of 14 bytes costs an id, a logger, the header of an answer and some text, in all a few KiB.
var requestBudget = budget.Budget{PerByte: 1 << 10, Fixed: 256 << 10}

// FuzzRequests sends the official routes any bytes. Each answer is HTTP with an id of its own, there are no more of them than
// there can be requests, no handler panics, and nothing is answered with more, or costs more memory, than a request is worth.
func FuzzRequests(f *testing.F) {
	const text = "workflow late {\n  push k=v\n}\n"
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /workflows HTTP/1.1\r\nHost: localhost\r\n\r\nGET /workflows/late%20show HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"HEAD //workflows/ HTTP/1.0\r\n\r\n",
		"DELETE /workflows/%2e%2e%2f%00?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"DELETE http://user:secret@localhost/workflows/a/b HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 28\r\n\r\n" + text,
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000000\r\n\r\n" + text,
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\n" + text + "\r\n0\r\n\r\n",
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + text,
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 28\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 28\r\n\r\n" + text,
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
		"PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x",
		"POST /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /readyz HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /" + strings.Repeat("a/", 40) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n", "\r\n\r\n\r\n", "\x16\x03\x01\x00\xa5\x01", "\x03\x00\x00\x00\x00", "GET / HTTP/1.1\nHost: localhost\n\n",
	} {
		f.Add([]byte(request))
	}
	calls, router := 0, NewRouter()
	for _, r := range Routes(countedWorkflows(&calls), "1.2.3", func() error { return errors.New("not yet") }) {
		require.NoError(f, router.Add(r))
	}
	log := &logBook{}
	server, err := Listen(Config{Address: ":0", Router: router, Log: zerolog.New(log).Level(zerolog.ErrorLevel)})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, server.Shutdown(context.Background())) })

	f.Fuzz(func(t *testing.T, said []byte) {
		calls = 0
		conn := &fuzzConn{Reader: bytes.NewReader(said)}
		requestBudget.Require(t, len(said), func() { _ = server.http.ServeConn(conn) })
		require.Empty(t, log.text(), "an error in the log is one of ours")
		// A request has at least the bytes "GET / HTTP/1.1", and its answer a header, an id and some text.
		most := 1 + len(said)/len("G / HTTP/1.1\n\n")
		require.LessOrEqual(t, calls, most)
		require.LessOrEqual(t, conn.said.Len(), 1000*most+200*len(said))
		requireAnswers(t, &conn.said, most)
	})
}

// requireAnswers reads all that a server said.
func requireAnswers(t *testing.T, said *bytes.Buffer, most int) {
	t.Helper()
	text := bytes.Clone(said.Bytes())
	// An answer to HEAD says how long its body would be and has none, so what follows it cannot be read here.
	in := bufio.NewReader(said)
	ids := map[string]bool{}
	for n := 0; ; n++ {
		if _, err := in.Peek(1); err == io.EOF {
			require.LessOrEqual(t, n, most)
			return
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil && n > 0 {
			return
		}
		require.NoError(t, err, "%q", text)
		require.Contains(t, fuzzStatuses, response.StatusCode)
		_, _ = io.Copy(io.Discard, response.Body)
		if response.StatusCode == http.StatusContinue {
			continue
		}
		id := response.Header.Get("x-request-id")
		_, err = uuid.Parse(id)
		require.NoError(t, err, "%q", text)
		require.False(t, ids[id], "an id of another answer")
		ids[id] = true
	}
}

// countedWorkflows has one workflow, and counts what it is asked for.
func countedWorkflows(calls *int) Workflows {
	return fakeWorkflows{
		upsert: func(_ context.Context, _ string, w config.Workflow) error {
			*calls++
			if w.Name == "" {
				return errors.New("a workflow without a name")
			}
			return nil
		},
		stop: func(context.Context, string, string) error {
			*calls++
			return nil
		},
		list: func() []workflow.Summary {
			*calls++
			return []workflow.Summary{{Name: "late show"}}
		},
		details: func(_ context.Context, name string) (workflow.Details, error) {
			*calls++
			if name != "late show" {
				return workflow.Details{}, workflow.ErrNotFound
			}
			return workflow.Details{}, nil
		},
	}
}

// FuzzRouting compares the routing table with a search that tries every route. Each line of table is a route, of which parts
// in braces are parameters.
func FuzzRouting(f *testing.F) {
	f.Add("GET /a/{x}\nGET /{x}/b\nPUT /a", "GET", "/a/b")
	f.Add("GET /a/b\nPUT /a/{x}\nGET /{x}/{y}", "PUT", "/a/b")
	f.Add("GET /{x}\nHEAD /a\nGET /a", "HEAD", "//a/?q")
	f.Add("GET /\nDELETE /%2f/é", "DELETE", "/%252f/%C3%A9/")
	f.Add("GET /"+strings.Repeat("a/", 17), "GET", strings.Repeat("/a", 17))
	f.Fuzz(func(t *testing.T, table, method, target string) {
		router := NewRouter()
		var routes []Route
		for line := range strings.Lines(table) {
			r, ok := routeOfLine(strings.TrimSpace(line))
			if ok && router.Add(r) == nil {
				routes = append(routes, r)
			}
		}
		var p path
		p.split([]byte(target))
		if p.invalid {
			return
		}
		got, want := router.find(method, p.parts()), search(routes, method, p.parts())
		switch {
		case got == nil || want == nil:
			require.True(t, got == nil && want == nil, "%v, %v", got, want)
		default:
			require.Equal(t, want.String(), got.String())
		}
		allowed := router.allowed(p.parts())
		for _, r := range routes {
			if matches(r, p.parts()) {
				require.Contains(t, strings.Split(allowed, ", "), r.Method)
			}
		}
		require.False(t, got != nil && allowed == "")
	})
}

func routeOfLine(line string) (Route, bool) {
	method, rest, ok := strings.Cut(line, " ")
	r := Route{Method: method, Handler: func(*Request) {}}
	for part := range strings.SplitSeq(rest, "/") {
		if name, isParam := strings.CutPrefix(part, "{"); isParam {
			r.Path = append(r.Path, Param(strings.TrimSuffix(name, "}")))
		} else if part != "" {
			r.Path = append(r.Path, Exact(part))
		}
	}
	return r, ok
}

func matches(r Route, parts [][]byte) bool {
	if len(r.Path) != len(parts) {
		return false
	}
	for i, p := range r.Path {
		if !p.isParam && p.text != string(parts[i]) {
			return false
		}
	}
	return true
}

// search finds the route that matches and is exact before all others, as seen from its first part on.
func search(routes []Route, method string, parts [][]byte) (best *Route) {
	for i, r := range routes {
		if r.Method == method && matches(r, parts) && (best == nil || moreExact(r, *best)) {
			best = &routes[i]
		}
	}
	if best == nil && method == "HEAD" {
		return search(routes, "GET", parts)
	}
	return best
}

func moreExact(a, b Route) bool {
	for i := range a.Path {
		if a.Path[i].isParam != b.Path[i].isParam {
			return b.Path[i].isParam
		}
	}
	return false
}
