package reactor

import (
	"sync/atomic"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

// Interest is an asker's handle. Each one has its own identity: closing one says nothing about another interest in the
// same stream name, before or after it.
type Interest struct {
	query   Query
	call    func(Answer)
	reactor *reactor // nil if there is no such reactor
	log     zerolog.Logger
	closed  atomic.Bool

	// The rest belongs to the reactor's goroutine.
	stream *stream // nil if not added to one
	told   bool    // it has heard the stream's last answer
}

// Close ends the interest. It may be called from any goroutine, also from the asker's function, more than once, and
// does not wait: a call of the function that is under way may still be at work when Close returns, but no other one
// begins.
func (i *Interest) Close() {
	if !i.closed.Swap(true) && i.reactor != nil {
		i.reactor.inbox.post(func() { i.reactor.release(i) })
	}
}

// tell calls the asker. One that panics hears no more.
func (i *Interest) tell(a Answer) {
	if i.closed.Load() {
		return
	}
	log := i.log.With().Str("stream_name", i.query.StreamName).Logger()
	if !panics.Contain(log, "an asker panicked at its answer, its interest has ended", func() { i.call(a) }) {
		i.Close()
	}
}
