package reactor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/event"
)

// silentHub is a hub on which nobody registers.
type silentHub struct{}

func (silentHub) Subscribe(event.Topic, func(event.Event)) *event.Subscription {
	return new(event.Subscription)
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// statuses answers one status after the other, 0 being a lost connection, and notes the times.
func statuses(at *trace, list ...int) roundTrip {
	start := time.Now()
	return func(r *http.Request) (*http.Response, error) {
		at.add("%v", time.Since(start))
		status := list[0]
		list = list[1:]
		if status == 0 {
			return nil, errors.New("connection lost")
		}
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	}
}

func TestSchedule(t *testing.T) {
	f := func(lines string, list []int, want string, times ...string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			var at trace
			h := newLookup(t, zerolog.Nop(), append([]string{"url http://lookup.test"}, strings.Split(lines, ";")...)...)
			h.client.Transport = statuses(&at, list...)
			result, err := h.Execute(t.Context(), Query{StreamName: "cam"})
			require.Equal(t, want, outcome(result, err))
			at.want(t, times...)
		})
	}
	f("", []int{200}, "valid", "0s")
	f("", []int{404}, "not valid", "0s")
	f("", []int{500, 200}, "valid", "0s", "5s")
	f("", []int{500, 404}, "not valid", "0s", "5s")
	f("", []int{500, 0, 200}, "valid", "0s", "5s", "15s")
	f("", []int{500, 500, 404}, "not valid", "0s", "5s", "15s")
	f("", []int{500, 503, 500}, "attempt 3, the last one, failed: status 500", "0s", "5s", "15s")
	f("", []int{500, 503, 0}, "attempt 3, the last one, failed: connection lost", "0s", "5s", "15s")
	f("retry_delays none", []int{500}, "attempt 1, the last one, failed: status 500", "0s")
	f(`retry_delays "1, 250ms,0"`, []int{500, 500, 500, 200}, "valid", "0s", "1s", "1.25s", "1.25s")
}

func TestCancelledWhileItWaitsToTryAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at trace
		h := newLookup(t, zerolog.Nop(), "url http://lookup.test")
		h.client.Transport = statuses(&at, 500)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := h.Execute(ctx, Query{StreamName: "cam"})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(start))
		at.want(t, "0s")
	})
}

func TestFailedAttemptsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at trace
		var log logBuffer
		h := newLookup(t, zerolog.New(&log), "url http://lookup.test/a?b")
		h.client.Transport = statuses(&at, 500, 0, 404)
		_, err := h.Execute(t.Context(), Query{StreamName: "cam"})
		require.NoError(t, err)
		lines := log.lines(t, zerolog.WarnLevel)
		require.Len(t, lines, 2)
		for i, line := range lines {
			require.Equal(t, "http://lookup.test/a?…", line["url"])
			require.Equal(t, "cam", line["stream_name"])
			require.EqualValues(t, i+1, line["attempt"])
		}
		require.Equal(t, "status 500", lines[0]["error"])
		require.EqualValues(t, 10_000, lines[1]["retry_in_ms"])
	})
}

// Servers that accept and then do nothing more, over connections in memory so that the waiting costs no time.
func TestServerThatHangs(t *testing.T) {
	over := make(chan struct{}) // of the test that runs
	readQuestion := func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}
	f := func(name string, serve func(net.Conn), lines []string, took time.Duration, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var servers sync.WaitGroup
				defer servers.Wait()
				over = make(chan struct{})
				defer close(over)
				h := newLookup(t, zerolog.Nop(), append([]string{"url http://lookup.test"}, lines...)...)
				h.client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					servers.Go(func() {
						serve(theirs)
						_, _ = io.Copy(io.Discard, theirs) // until the other side gives up
						_ = theirs.Close()
					})
					return ours, nil
				}
				start := time.Now()
				_, err := h.Execute(t.Context(), Query{StreamName: "cam"})
				require.EqualError(t, err, "attempt 3, the last one, failed: no answer within "+want)
				require.Equal(t, took, time.Since(start))
			})
		})
	}
	f("reads nothing", func(net.Conn) { <-over }, nil, 45*time.Second, "10s")
	f("says nothing", readQuestion, nil, 45*time.Second, "10s")
	f("says nothing, own timeout", readQuestion, []string{"timeout 2500ms", "retry_delays 1,1"}, 9500*time.Millisecond, "2.5s")
	f("begins an answer", func(conn net.Conn) {
		readQuestion(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nworkflow a {\n")
	}, nil, 45*time.Second, "10s")
	f("sends a byte now and then", func(conn net.Conn) {
		readQuestion(conn)
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
		for err == nil {
			time.Sleep(time.Second)
			_, err = fmt.Fprint(conn, "#")
		}
	}, nil, 45*time.Second, "10s")
}
