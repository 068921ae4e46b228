package limits

import (
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Lines lets so many log lines about refusals, or whatever else clients can cause, through in a second and counts the
// others, which are told of in one line when the second is over. What a stranger can cause any number of times must not fill the disk. Any goroutine.
type Lines struct {
	limit     Limit
	perSecond int
	counters  *Counters
	tell      func(leftOut uint64)

	mu      sync.Mutex
	begun   time.Time // of the second that passed counts in
	passed  int
	leftOut uint64
	timer   *time.Timer // calls sum; nil while nothing was left out
}

// linesPerSecond is the default of NewLines: 10 lines of some 300 bytes are 260 MB in a day.
const linesPerSecond = 10

// NewLines returns a budget of perSecond lines; zero or less means 10. Those above it are counted under the limit. tell is
// called with the number of lines that were left out, on a goroutine of its own and at most once a second, and by Close.
func NewLines(limit Limit, perSecond int, counters *Counters, tell func(leftOut uint64)) *Lines {
	if perSecond <= 0 {
		perSecond = linesPerSecond
	}
	return &Lines{limit: limit, perSecond: perSecond, counters: counters, tell: tell}
}

// Allow reports whether one more line may be written. If not, it is counted.
func (l *Lines) Allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.begun) >= time.Second {
		l.begun, l.passed = now, 0
	}
	if l.passed < l.perSecond {
		l.passed++
		return true
	}
	l.leftOut++
	l.counters.Exceeded(l.limit)
	if l.timer == nil {
		l.timer = time.AfterFunc(time.Second, l.sum)
	}
	return false
}

// Sample implements zerolog.Sampler, for a logger of which every line counts that is not an error.
func (l *Lines) Sample(level zerolog.Level) bool { return level >= zerolog.ErrorLevel || l.Allow() }

// Close tells at once of what was left out and not told of yet.
func (l *Lines) Close() {
	l.mu.Lock()
	waiting := l.timer != nil && l.timer.Stop()
	l.mu.Unlock()
	if waiting {
		l.sum()
	}
}

func (l *Lines) sum() {
	l.mu.Lock()
	n := l.leftOut
	l.leftOut, l.timer = 0, nil
	l.mu.Unlock()
	l.tell(n)
}
