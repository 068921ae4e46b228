package tcp

import (
	"math"
	"sync/atomic"
	"time"
)

// busy measures which share of its time a loop works. All of it but share belongs to the loop.
type busy struct {
	since time.Time
	spent time.Duration // since then
	share atomic.Uint64 // bits of a float64; of the last full window
}

// busyWindow is at most a tickInterval, so that the share of a loop that does nothing else is renewed with each tick.
const busyWindow = tickInterval / 2

// note takes down that the loop has worked.
func (b *busy) note(begun, ended time.Time) {
	b.spent += ended.Sub(begun)
	if elapsed := ended.Sub(b.since); elapsed >= busyWindow {
		b.share.Store(math.Float64bits(min(float64(b.spent)/float64(elapsed), 1)))
		b.since, b.spent = ended, 0
	}
}

// BusyShare is how much of its time the loop has worked in the last second, from 0 to 1. Any goroutine.
func (l *Loop) BusyShare() float64 { return math.Float64frombits(l.busy.share.Load()) }
