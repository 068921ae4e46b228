package fanout

import (
	"fmt"
	"time"
)

// Flush says when what was published leaves for the viewers. A send costs about the same whatever its size, so news that
// waits for more to leave with it costs time and saves CPU. The zero value is [FlushAdaptive].
type Flush struct {
	mode  flushMode
	every time.Duration
}

type flushMode uint8

const (
	adaptive flushMode = iota
	latency
	interval
)

var (
	// FlushAdaptive sends video at once and audio with the next video while that costs little. The more of a loop's time
	// its viewers take, the longer news waits, up to Config.FlushMax.
	FlushAdaptive = Flush{}

	// FlushLatency is for the shortest delay: nothing waits. On a loop with many viewers the kernel merges what is meant
	// for those who have not acknowledged what they were sent before (Nagle's algorithm).
	FlushLatency = Flush{mode: latency}
)

// FlushEvery sends what has come together in an interval, which begins with its first packet.
func FlushEvery(d time.Duration) Flush { return Flush{mode: interval, every: d} }

// flushEveryMax is the longest interval: about what a player's buffer holds. A log keeps twice as much.
const flushEveryMax = 5 * time.Second

// ParseFlush reads latency, adaptive, or an interval such as 350ms.
func ParseFlush(text string) (Flush, error) {
	switch text {
	case "adaptive":
		return FlushAdaptive, nil
	case "latency":
		return FlushLatency, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > flushEveryMax {
		return Flush{}, fmt.Errorf("%q is not latency, adaptive or a time up to %v such as 350ms", text, flushEveryMax)
	}
	return FlushEvery(d), nil
}

func (f Flush) String() string {
	switch f.mode {
	case latency:
		return "latency"
	case interval:
		return f.every.String()
	}
	return "adaptive"
}

// The controller. A pass is what it takes a loop to serve each of its viewers once. If news waits for k passes before
// it leaves, serving takes about 1/k of the loop's time, whatever the number of viewers: few viewers make a short pass,
// and nothing waits noticeably, many make a long one, and the wait grows with it. The wait and the pass together are
// bounded, so that news reaches the last viewer in time; a loop whose pass takes that long does not wait at all and
// is busy without a break.
const (
	adaptivePasses = 24

	// gatherMin is the shortest wait that brings anything together: the time from frame to frame at 50 a second.
	gatherMin = 20 * time.Millisecond

	// waitMin is the shortest wait that is worth a timer.
	waitMin = time.Millisecond
)

// wait returns how long news waits on a loop whose pass takes as long as given. most bounds FlushAdaptive.
func (f Flush) wait(pass, most time.Duration) time.Duration {
	switch f.mode {
	case interval:
		return f.every
	case latency:
		return 0
	}
	d := adaptivePasses * pass
	if d < gatherMin || most-pass < waitMin {
		return 0
	}
	return min(d, most-pass)
}

// With FlushLatency, a pass of mergeFrom makes the kernel merge, and one below mergeUntil makes it stop. Merging costs a
// viewer who acknowledges at once nothing, and one who does not some time; with few viewers there is nothing to gain by
// it. With 100 viewers it takes a sixth off the CPU time, with 1,000 a third, and the last viewer has the frame sooner.
const (
	mergeFrom  = 100 * time.Microsecond
	mergeUntil = 50 * time.Microsecond
)

// merges says whether the kernel is to merge, given whether it does.
func (f Flush) merges(does bool, pass time.Duration) bool {
	if f.mode != latency {
		return false
	}
	return pass >= mergeFrom || does && pass >= mergeUntil
}
