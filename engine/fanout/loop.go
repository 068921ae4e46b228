package fanout

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

// Loop is what the groups of one event loop have in common: what serving their viewers costs, and the timers of those
// whose news waits. There is one for each event loop. NewGroup is for the loop's goroutine only.
type Loop struct {
	newTask func(visit func(budget int) (used int, more bool)) Task
	log     zerolog.Logger
	load    load
	waiting map[pace]*waiting
	viewers atomic.Int32 // of all groups
}

// NewLoop returns what the groups of an event loop share. newTask makes a task of that loop for a visit. log
// hears of panics.
func NewLoop(newTask func(visit func(budget int) (used int, more bool)) Task, log zerolog.Logger) *Loop {
	return &Loop{newTask: newTask, log: log, waiting: make(map[pace]*waiting)}
}

// pace is what groups must have in common to share a timer.
type pace struct {
	flush Flush
	max   time.Duration
}

// waitingOf returns the timer for groups of a pace.
func (l *Loop) waitingOf(p pace) *waiting {
	w := l.waiting[p]
	if w == nil {
		w = &waiting{loop: l, pace: p}
		w.timer = time.AfterFunc(time.Hour, w.fire)
		w.timer.Stop()
		l.waiting[p] = w
	}
	return w
}

// waiting is the groups of a loop whose news waits for more. One timer serves all of them, so that a thousand streams do
// not wake their loop a thousand times each interval. Any goroutine may use it.
type waiting struct {
	loop  *Loop
	pace  pace
	timer *time.Timer

	mu     sync.Mutex
	groups []*Group  // in no order; Group.place is the index
	due    time.Time // when the timer fires; zero if it does not
}

// now returns how long news waits at present.
func (w *waiting) now() time.Duration {
	return w.pace.flush.wait(time.Duration(w.loop.load.pass.Load()), w.pace.max)
}

// mark makes a group's loop visit it when its news has waited long enough: at least for company, which is what news that
// would rather not leave alone is willing to wait.
func (w *waiting) mark(g *Group, company time.Duration) {
	wait := max(w.now(), company)
	if wait == 0 {
		w.leave(g)
		return
	}
	due := time.Now().Add(wait)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case g.flushAt.IsZero():
		g.place = len(w.groups)
		w.groups = append(w.groups, g)
	case !due.Before(g.flushAt):
		return
	}
	g.flushAt = due
	if w.due.IsZero() || due.Before(w.due) {
		w.due = due
		w.timer.Reset(wait)
	}
}

// leave makes a group's loop visit it now.
func (w *waiting) leave(g *Group) {
	w.forget(g)
	g.wake()
}

// forget ends a group's waiting without a visit.
func (w *waiting) forget(g *Group) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(g)
	if len(w.groups) == 0 && !w.due.IsZero() {
		w.due = time.Time{}
		w.timer.Stop()
	}
}

// remove takes a group from those that wait, if it is one of them.
func (w *waiting) remove(g *Group) {
	if g.flushAt.IsZero() {
		return
	}
	last := len(w.groups) - 1
	moved := w.groups[last]
	w.groups[g.place], moved.place = moved, g.place
	w.groups[last] = nil
	w.groups = w.groups[:last]
	g.flushAt = time.Time{}
}

// fire is called by the timer. After a panic it tries again: no group may wait for ever because of another.
func (w *waiting) fire() {
	if panics.Contain(w.loop.log, "panic when viewers were to get news", w.wakeDue) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due = time.Now()
	w.timer.Reset(0)
}

// wakeDue marks the groups that are due. Those that will be soon go along, which brings groups that began apart together.
func (w *waiting) wakeDue() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	limit := now.Add(w.now() / 2)
	w.due = time.Time{}
	for i := len(w.groups) - 1; i >= 0; i-- {
		g := w.groups[i]
		if !g.flushAt.After(limit) {
			w.remove(g)
			g.wake()
		} else if w.due.IsZero() || g.flushAt.Before(w.due) {
			w.due = g.flushAt
		}
	}
	if !w.due.IsZero() {
		w.timer.Reset(w.due.Sub(now))
	}
}
