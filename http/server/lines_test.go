package server_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
	"mmids/http/server"
)

// linesAbout counts log lines about viewers.
type linesAbout struct{ viewers atomic.Int64 }

func (l *linesAbout) Write(b []byte) (int, error) {
	if strings.Contains(string(b), `"viewer st`) { // started, stopped
		l.viewers.Add(1)
	}
	return len(b), nil
}

// Viewers that come and go as fast as they can do not fill the log.
func TestLinesAboutChurn(t *testing.T) {
	const (
		clients   = 250
		perSecond = 100
	)
	var log linesAbout
	h := newHarness(t, server.Config{})
	s := h.show(func(r *server.Request) { r.Log = zerolog.New(&log) })
	var all []*client
	for range clients {
		all = append(all, s.dial())
	}
	began := time.Now()
	for _, c := range all {
		c.write("GET /live/live/cam.flv HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, c.net.Close())
	}
	eventually(t, "all have come and gone", func() bool {
		return log.viewers.Load()+int64(h.limits.Count(limits.ClientLines)) == 2*clients
	})
	seconds := int64(time.Since(began)/time.Second) + 1
	require.LessOrEqual(t, log.viewers.Load(), perSecond*(seconds+1))
	require.GreaterOrEqual(t, log.viewers.Load(), int64(perSecond), "those of normal operation")
}
