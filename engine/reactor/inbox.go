package reactor

import (
	"sync"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

// inbox is the only way to a reactor's goroutine: functions that run there one after the other. It has no bound. Each
// entry is a beginning or end of an interest, a result or a timer, of which a client or a stream causes only a few, and
// dropping one would leave somebody waiting for ever.
type inbox struct {
	wake chan struct{} // has room for one: the inbox is not empty, or closed

	mu      sync.Mutex
	waiting []func()
	closed  bool
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// post reports false if the inbox is closed; f does not run then.
func (b *inbox) post(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.waiting = append(b.waiting, f)
	b.signal()
	return true
}

// close lets nothing more in. What is there already will run.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// run runs what is posted until the inbox is closed and empty. Something that panics is logged, and the next one runs.
func (b *inbox) run(log zerolog.Logger) {
	for range b.wake {
		b.mu.Lock()
		batch, closed := b.waiting, b.closed
		b.waiting = nil
		b.mu.Unlock()
		for _, f := range batch {
			panics.Contain(log, "BUG: the reactor panicked", f)
		}
		if closed {
			return
		}
	}
}
