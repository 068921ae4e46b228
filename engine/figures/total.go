package figures

import "sync"

// Label is what figures are summed by that go on when streams end. Stream keys are none: they can be secrets, and
// strangers choose them.
type Label struct{ Workflow, App string }

// Others is the label of all that found no room.
var Others = Label{"(others)", "(others)"}

// Totals sum counts by label. They only grow. A label keeps its place for good, so that what is summed under it never goes
// back; those that come when all places are taken are summed together. Any goroutine.
type Totals struct {
	max int

	mu     sync.Mutex
	counts map[Label]*Counts
}

// Counts are the counters of a label.
type Counts struct {
	Streams     uint64 // that have begun
	Bytes       uint64 // of media
	VideoFrames uint64
	AudioFrames uint64
	Dropped     uint64 // messages that were no media

	Sent         uint64 // bytes, to viewers
	Skips        uint64
	SkippedBytes uint64
}

// totalsMax is the default of NewTotals.
const totalsMax = 100

// NewTotals returns sums for so many labels; zero or less means 100.
func NewTotals(labels int) *Totals {
	if labels <= 0 {
		labels = totalsMax
	}
	return &Totals{max: labels, counts: make(map[Label]*Counts)}
}

// Add adds to what is counted under a label.
func (t *Totals) Add(l Label, c Counts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := t.counts[l]
	if sum == nil {
		if len(t.counts) >= t.max {
			l = Others
		}
		if sum = t.counts[l]; sum == nil {
			sum = &Counts{}
			t.counts[l] = sum
		}
	}
	sum.Add(c)
}

// Sums are counts by label.
type Sums map[Label]Counts

// Add adds to a label that has a place, or to those that have none.
func (s Sums) Add(l Label, c Counts) {
	if _, known := s[l]; !known {
		l = Others
	}
	sum := s[l]
	sum.Add(c)
	s[l] = sum
}

// All returns a copy of all sums.
func (t *Totals) All() Sums {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(Sums, len(t.counts))
	for l, c := range t.counts {
		all[l] = *c
	}
	return all
}

// Add adds more to each counter.
func (c *Counts) Add(more Counts) {
	c.Streams += more.Streams
	c.Bytes += more.Bytes
	c.VideoFrames += more.VideoFrames
	c.AudioFrames += more.AudioFrames
	c.Dropped += more.Dropped
	c.Sent += more.Sent
	c.Skips += more.Skips
	c.SkippedBytes += more.SkippedBytes
}
