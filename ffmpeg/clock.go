package ffmpeg

import "time"

// clock is the time that supervision sees. Processes live in real time, so tests that use them cannot run in a bubble of
// testing/synctest and put a clock of their own here.
type clock struct {
	now   func() time.Time
	after func(time.Duration) (fired <-chan time.Time, stop func() bool)
}

var realClock = clock{
	now: time.Now,
	after: func(d time.Duration) (<-chan time.Time, func() bool) {
		t := time.NewTimer(d)
		return t.C, t.Stop
	},
}
