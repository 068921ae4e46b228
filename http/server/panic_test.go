package server_test

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/panics/panictest"
	"mmids/http/server"
)

// linesOfPanics counts log lines about panics.
type linesOfPanics struct{ atomic.Int64 }

func (l *linesOfPanics) Write(b []byte) (int, error) {
	if strings.Contains(string(b), `"panic":`) {
		l.Add(1)
	}
	return len(b), nil
}

// TestPanicEndsOneConnection has a victim panic wherever something is said of it. It is closed, a viewer beside it goes on,
// and nothing is left of it.
func TestPanicEndsOneConnection(t *testing.T) {
	f := func(at string, change func(*server.Request), path string, header ...string) {
		t.Run(at, func(t *testing.T) {
			var panics linesOfPanics
			log := zerolog.New(&panics).Hook(panictest.At(at))
			h := newHarness(t, server.Config{Log: log})
			quiet, s := h.show(nil), h.show(func(r *server.Request) {
				r.Log = log
				if change != nil {
					change(r)
				}
			})
			f := quiet.feed("cam")
			f.key("K1")
			honest := quiet.get("/live/live/cam.flv")
			eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })

			victim := s.get(path, header...)
			_, _ = io.ReadAll(victim.in) // closed, at worst by a reset
			eventually(t, "there is a line about it", func() bool { return panics.Load() == 1 })
			f.inter("P1")
			honest.want("P1")
			eventually(t, "nothing is left", func() bool { return !s.watched() })
			again := s.registration.Feed("cam")
			require.Zero(t, again.Stats().Viewers)
			again.EndFeed()
		})
	}
	f("viewer started", nil, "/live/live/cam.flv")
	f("viewer started", nil, "/live/live/cam.mp4")
	f("viewer started", nil, "/live/live/cam.flv", handshake...)
	f("client refused", nil, "/live/other/cam.flv")
	f("nowhere", func(r *server.Request) {
		r.Approve = func(access.Applicant, func(bool, string)) func() { panic("at approver") }
	}, "/live/live/cam.flv")
	f("nowhere", func(r *server.Request) {
		r.Approve = func(_ access.Applicant, update func(bool, string)) func() {
			update(true, "")
			panic("behind its answer")
		}
	}, "/live/live/cam.flv")
}
