package figures

import "sync"

// Label is what figures are summed by that go on when streams end. Stream keys are none: they can be secrets, and
// strangers choose them.
type Label struct{ Workflow, App string }

// Others is the label of all that found no room.
var Others = Label{"(others)", "(others)"}

// Labels are the labels that have sums of their own: the first ones, as many as there may be. A label keeps its place for
// good, so that what is summed under it never goes back. Any goroutine.
type Labels struct {
	max int

	mu    sync.Mutex
	known map[Label]struct{}
}

// labelsMax is the default of NewLabels.
const labelsMax = 100

// NewLabels returns places for so many labels; zero or less means 100.
func NewLabels(places int) *Labels {
	if places <= 0 {
		places = labelsMax
	}
	return &Labels{max: places, known: make(map[Label]struct{})}
}

// place returns the label that l is summed under: itself if it has a place or finds one, otherwise Others.
func (s *Labels) place(l Label) Label {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.known[l]; known {
		return l
	}
	if len(s.known) == s.max {
		return Others
	}
	s.known[l] = struct{}{}
	return l
}

// Totals sum counts by label. They only grow. Labels that come when all places are taken are summed together. Any goroutine.
type Totals struct {
	labels *Labels

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

// NewTotals returns sums for labels, which several totals may share; nil means labels of its own.
func NewTotals(labels *Labels) *Totals {
	if labels == nil {
		labels = NewLabels(0)
	}
	return &Totals{labels: labels, counts: make(map[Label]*Counts)}
}

// Add adds to what is counted under a label.
func (t *Totals) Add(l Label, c Counts) {
	l = t.labels.place(l)
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := t.counts[l]
	if sum == nil {
		sum = &Counts{}
		t.counts[l] = sum
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
