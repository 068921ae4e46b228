package tcp

import (
	"time"

	"golang.org/x/sys/unix"
)

// A loop with hundreds of publishers has a socket to read every few microseconds. Handled one by one, each costs a round
// of epoll and a switch between goroutines, which is more than the reading itself. So from gatherRate on the loop pauses
// once in a round, for as long as it takes gatherEvents sockets to have something to say.
const (
	gatherRate   = 3000 // reads per second
	gatherEvents = 64
	gatherMax    = 3 * time.Millisecond
	gatherWindow = 100 * time.Millisecond
)

// gathering is a loop's rate of reads and what follows from it. Loop only.
type gathering struct {
	reads int
	since time.Time
	pause time.Duration // 0 while there is no need
}

// read counts a read.
func (g *gathering) read(now time.Time) {
	g.reads++
	g.roll(now)
}

// roll works the pause out anew when the window is over.
func (g *gathering) roll(now time.Time) {
	if elapsed := now.Sub(g.since); elapsed >= gatherWindow {
		g.pause = gatherPause(float64(g.reads) / elapsed.Seconds())
		g.reads, g.since = 0, now
	}
}

func gatherPause(rate float64) time.Duration {
	if rate < gatherRate {
		return 0
	}
	return min(time.Duration(gatherEvents/rate*float64(time.Second)), gatherMax)
}

// gather pauses, unless tasks wait for the loop.
func (l *Loop) gather(now time.Time) {
	if l.gathering.pause == 0 || len(l.visiting) > 0 {
		return
	}
	if l.gathering.roll(now); l.gathering.pause == 0 {
		return
	}
	pause := unix.NsecToTimespec(int64(l.gathering.pause))
	_ = unix.Nanosleep(&pause, nil) // a signal makes it shorter
}
