package fanout

import (
	"sync/atomic"
	"time"
)

// load measures how long a pass takes on a loop: what it would take to serve every viewer once whose stream has news. All
// of it but pass belongs to the loop.
type load struct {
	window uint // number of the present one
	since  time.Time
	spent  time.Duration // serving, in the window
	writes int           // in the window
	active int           // viewers of the groups that were served in the window

	pass atomic.Int64 // ns; of the windows before, newer ones count for more
}

// loadWindow is longer than news usually waits, so that each stream with news has been served in it. A stream with a
// longer interval of its own counts too little, and needs nothing from this.
const loadWindow = 250 * time.Millisecond

// note takes down that a group was served.
func (l *load) note(g *Group, begun, ended time.Time, writes int) {
	if ended.Sub(l.since) > loadWindow {
		l.roll(ended)
	}
	if g.window != l.window {
		g.window = l.window
		l.active += len(g.viewers)
	}
	l.spent += ended.Sub(begun)
	l.writes += writes
}

// roll ends the window.
func (l *load) roll(now time.Time) {
	pass := time.Duration(0)
	if l.writes > 0 {
		pass = l.spent * time.Duration(l.active) / time.Duration(l.writes)
	}
	l.pass.Store((l.pass.Load() + int64(pass)) / 2)
	l.window++
	l.since, l.spent, l.writes, l.active = now, 0, 0, 0
}
