package figures

import "time"

// rateSamples is over how many samples a rate is taken. With one a second it is the rate of the last few seconds: calm
// enough to read, and soon right after a change.
const rateSamples = 5

// Rate turns a counter that is looked at about once a second into rates. Its zero value is ready. It is not safe for
// use by several goroutines.
type Rate struct {
	at    [rateSamples]time.Time
	count [rateSamples]uint64
	next  int // where the next sample goes; the oldest is there
	full  bool
}

// Sample takes the counter's value and returns by how much it has grown in a second.
func (r *Rate) Sample(now time.Time, count uint64) (perSecond float64) {
	oldest := 0
	if r.full {
		oldest = r.next
	}
	began, from := r.at[oldest], r.count[oldest]
	r.at[r.next], r.count[r.next] = now, count
	if r.next++; r.next == rateSamples {
		r.next, r.full = 0, true
	}
	if elapsed := now.Sub(began); !began.IsZero() && elapsed > 0 {
		return float64(count-from) / elapsed.Seconds()
	}
	return 0
}
