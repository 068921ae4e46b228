package reactor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/fuzz/budget"
)

// liar is a connection to a server that says the same whatever it is asked, as soon as it is asked anything.
type liar struct {
	io.Reader
	asked chan struct{} // closed with the first byte of the question
	once  bool
}

func (l *liar) Read(b []byte) (int, error) {
	<-l.asked
	return l.Reader.Read(b)
}

func (l *liar) Write(b []byte) (int, error) {
	if !l.once {
		l.once = true
		close(l.asked)
	}
	return len(b), nil
}

func (l *liar) Close() error                     { return nil }
func (l *liar) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (l *liar) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (l *liar) SetDeadline(time.Time) error      { return nil }
func (l *liar) SetReadDeadline(time.Time) error  { return nil }
func (l *liar) SetWriteDeadline(time.Time) error { return nil }

// answerBudget: the longest header that is read, the buffers of a connection, and a text with all its mistakes.
var answerBudget = budget.Budget{PerByte: 512, Fixed: 1 << 20}

// FuzzAnswer lets a lookup server answer anything. Only status 404 says that the stream is not valid, only 200 with a text
// that can be read says that it is, and everything else is an error that says why in one line and without a secret.
func FuzzAnswer(f *testing.F) {
	text := "workflow a routed_by_reactor {\n rtmp_watch rtmp_app=live stream_key=x\n}\nworkflow a {\n s\n}\n"
	whole := func(status, text string) string {
		return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, len(text), text)
	}
	for _, answer := range []string{
		whole("200 OK", ""), whole("200 OK", text), whole("200 OK", text+"settings {\n a 1\n}\nreactor r executor=e {\n}\n"), whole("200 OK", strings.Repeat("}\n", 300)),
		whole("404 Not Found", text), whole("500 Internal Server Error", text), whole("204 No Content", ""), whole("301 Moved\r\nLocation: http://other/", ""),
		"HTTP/1.1 200 OK\r\n\r\n" + text, "HTTP/1.0 200 OK\r\n\r\nworkflow", "HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n" + text,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nworkf\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + text,
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08", "HTTP/1.1 100 Continue\r\n\r\n" + whole("404 Not Found", ""),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70_000), "ICY 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n" + strings.Repeat("x", 60_000) + "\r\n\r\n", "", "\r\n", "\x00", "HTTP/1.1 \x1b[2J\n\n",
	} {
		f.Add([]byte(answer))
	}
	before := log.Writer()
	log.SetOutput(io.Discard) // the HTTP client's remarks on bytes behind an answer
	f.Cleanup(func() { log.SetOutput(before) })
	f.Fuzz(func(t *testing.T, answer []byte) {
		h := newLookup(t, zerolog.Nop(), "url http://user:secret@lookup.test/?token=secret", "retry_delays none")
		transport := h.client.Transport.(*http.Transport)
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return &liar{Reader: bytes.NewReader(answer), asked: make(chan struct{})}, nil
		}
		var result Result
		var err error
		answerBudget.Require(t, len(answer), func() { result, err = h.Execute(t.Context(), Query{StreamName: "cam"}) })
		if err != nil {
			require.Equal(t, Result{}, result)
			require.Less(t, len(err.Error()), 2000)
			require.NotContains(t, err.Error(), "secret")
			require.NotContains(t, err.Error(), "\n")
			return
		}
		if !result.Valid {
			require.Empty(t, result.Workflows)
			require.Contains(t, string(answer), "404")
			return
		}
		require.Contains(t, string(answer), "200")
		names := map[string]bool{}
		for _, w := range result.Workflows {
			names[w.Name] = true
			require.NotEmpty(t, w.Name)
		}
		for _, name := range result.routable() {
			require.True(t, names[name], "routed to a workflow that the answer does not have")
			delete(names, name) // and only once
		}
		document := config.Document{Workflows: result.Workflows}
		require.LessOrEqual(t, len(document.Format()), 8*len(answer)+1000)
	})
}
