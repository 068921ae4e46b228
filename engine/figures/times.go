package figures

import (
	"sync"
	"time"
)

// timeBounds are the upper bounds of the buckets of Times: from what a look-up in memory takes to what a timeout is.
var timeBounds = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 10 * time.Second,
}

// Stopwatch counts how long something takes each time. Its zero value is ready, and a nil one counts nothing. Any
// goroutine.
type Stopwatch struct {
	mu    sync.Mutex
	times Times
}

// Times are how often something took how long.
type Times struct {
	Count   uint64
	Sum     time.Duration
	buckets [len(timeBounds)]uint64 // not cumulative; what took longer is only in Count
}

// Note counts one.
func (s *Stopwatch) Note(took time.Duration) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times.Count++
	s.times.Sum += took
	for i, bound := range timeBounds {
		if took <= bound {
			s.times.buckets[i]++
			return
		}
	}
}

// Times returns what was counted.
func (s *Stopwatch) Times() Times {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times
}

// Mean is how long it takes on average.
func (t Times) Mean() time.Duration {
	if t.Count == 0 {
		return 0
	}
	return t.Sum / time.Duration(t.Count)
}

// Buckets returns how often it took at most so many seconds, each including those before.
func (t Times) Buckets() map[float64]uint64 {
	buckets := make(map[float64]uint64, len(timeBounds))
	sum := uint64(0)
	for i, bound := range timeBounds {
		sum += t.buckets[i]
		buckets[bound.Seconds()] = sum
	}
	return buckets
}
