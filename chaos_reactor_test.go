package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostileLookup is the lookup service of the server's reactor.
type hostileLookup struct {
	address string
	bad     atomic.Bool
	hung    context.Context // ends with the test
	faults  atomic.Int64
}

func startHostileLookup(t testing.TB) *hostileLookup {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	h := &hostileLookup{address: l.Addr().String(), hung: ctx}
	server := &http.Server{Handler: h, IdleTimeout: time.Second} // connections that the server keeps are no leak, but look like one
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { cancel(); _ = server.Close() })
	return h
}

func (l *hostileLookup) url() string { return "http://" + l.address + "/" }

// ServeHTTP answers that a stream is valid, or anything else.
func (l *hostileLookup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if !l.bad.Load() {
		w.WriteHeader(http.StatusOK)
		return
	}
	l.faults.Add(1)
	switch rand.IntN(10) { // the order in which questions come is the server's, so no seed decides this
	case 0: // hangs
		select {
		case <-r.Context().Done():
		case <-l.hung.Done():
		}
	case 1: // 100 MB
		line := []byte(strings.Repeat("# all work and no play\n", 1000))
		for n := 0; n < 100_000_000; n += len(line) {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	case 2: // garbage
		garbage := make([]byte, 10_000)
		for i := range garbage {
			garbage[i] = byte(rand.Uint32())
		}
		_, _ = w.Write(garbage)
	case 3: // not valid, whatever was said before
		w.WriteHeader(http.StatusNotFound)
	case 4: // another workflow each time
		fmt.Fprintf(w, "workflow lie%d {\n workflow_forwarder reactor=lookup\n}\n", rand.IntN(5))
	case 5: // one that cannot work, and one that wants what somebody else has
		fmt.Fprint(w, "workflow lies {\n no_such_step\n}\nworkflow greedy {\n rtmp_watch rtmp_app=live stream_key=*\n}\n")
	case 6: // ends in the middle
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "workflow half {")
	case 7:
		w.WriteHeader(http.StatusInternalServerError)
	case 8: // ends before it begins
		panic(http.ErrAbortHandler)
	case 9:
		w.WriteHeader(http.StatusOK)
	}
}

// badLookups has the lookup service misbehave as long as the attack lasts.
func badLookups(a *attack, _ *rand.Rand) {
	l := a.server.lookup
	before := l.faults.Load()
	l.bad.Store(true)
	for a.pause(time.Second) {
	}
	l.bad.Store(false)
	a.faults.Add(l.faults.Load() - before)
}

// intoReactor is clients that the reactor is asked about.
func intoReactor(a *attack, r *rand.Rand) {
	key := fmt.Sprintf("asked%d", r.IntN(20))
	if r.IntN(2) == 0 {
		a.play(r, "asked/"+key, 5)
		return
	}
	a.publish(r, "asked/"+key, 10+r.IntN(60))
}
