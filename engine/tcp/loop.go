package tcp

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"mmids/engine/panics"
)

// Loop is one event loop: a goroutine that owns its connections.
type Loop struct {
	manager   *Manager
	index     int
	el        gnet.EventLoop
	wakeFD    int // our end of the control socket
	kicked    atomic.Bool
	bed       bed
	load      atomic.Int64 // connections assigned to this loop
	announced atomic.Int64 // events that gnet is going to have for the loop
	busy      busy
	traffic   traffic

	mu      sync.Mutex
	stopped bool
	ended   bool // wakeFD is closed
	calls   []func()
	marked  []*Task

	// loop only
	conns     map[*Conn]struct{}
	bulk      bulkReads
	latest    latest
	gathering gathering
	dying     []*Conn
	runCalls  []func()
	visiting  []*Task
	later     []*Task
	retry     *time.Timer
	vectors   []unix.Iovec
	header    unix.Msghdr
	tls       tlsScratch
	tickCall  func()
	retryCall func()
	bulkCall  func()
}

func newLoop(m *Manager, index int) *Loop {
	l := &Loop{manager: m, index: index, conns: make(map[*Conn]struct{}), bulk: bulkReads{within: endless}}
	l.tickCall, l.retryCall, l.bulkCall = l.tick, l.retryNow, l.readBulkNow
	l.retry = time.AfterFunc(time.Hour, func() { l.Do(l.retryCall) })
	l.retry.Stop()
	l.bulk.timer = time.AfterFunc(time.Hour, func() { l.Do(l.bulkCall) })
	l.bulk.timer.Stop()
	return l
}

// Index is the loop's number, from 0 to Manager.Loops()-1.
func (l *Loop) Index() int { return l.index }

// Do runs f on the loop, soon and in the order of the calls. Any goroutine. It reports false, and drops f, when the
// loop has stopped.
func (l *Loop) Do(f func()) bool {
	l.mu.Lock()
	if l.stopped {
		l.mu.Unlock()
		return false
	}
	l.calls = append(l.calls, f)
	l.mu.Unlock()
	l.kick()
	return true
}

func (l *Loop) enqueue(t *Task) {
	l.mu.Lock()
	if !l.stopped {
		l.marked = append(l.marked, t)
	}
	l.mu.Unlock()
	l.kick()
}

// serve handles a kick: first what was asked with Do, then marked tasks up to the budget.
func (l *Loop) serve() {
	l.kicked.Store(false) // before looking, so that whatever is added from here on kicks again
	l.mu.Lock()
	l.calls, l.runCalls = l.runCalls[:0], l.calls
	if len(l.visiting) == 0 {
		l.marked, l.visiting = l.visiting, l.marked
	} else {
		l.visiting = append(l.visiting, l.marked...)
		l.marked = l.marked[:0]
	}
	l.mu.Unlock()
	for i, call := range l.runCalls {
		l.runCalls[i] = nil
		l.protect("call", call)
	}
	l.runCalls = emptied(l.runCalls)
	if l.visitMarked(visitBudget) {
		l.kick()
	}
}

// visitMarked visits tasks until the budget is used up and reports whether any is left.
func (l *Loop) visitMarked(budget int) (more bool) {
	n := 0
	for ; n < len(l.visiting) && budget > 0; n++ {
		t := l.visiting[n]
		t.marked.Store(false) // before the visit, so that news during it marks again
		used, left := l.visitTask(t, budget)
		budget -= max(used, 1)
		if left {
			t.Mark()
		}
	}
	rest := copy(l.visiting, l.visiting[n:])
	clear(l.visiting[rest:])
	if l.visiting = l.visiting[:rest]; rest == 0 {
		l.visiting = emptied(l.visiting)
	}
	return rest > 0
}

// listKeepMax is how many entries an emptied list keeps room for after a burst: 128 KiB.
const listKeepMax = 16 << 10

// emptied returns a list that has been worked off, without its memory if that is large. Its entries have been cleared.
func emptied[T any](list []T) []T {
	if cap(list) > listKeepMax {
		return nil
	}
	return list[:0]
}

func (l *Loop) visitTask(t *Task, budget int) (used int, more bool) {
	defer l.recoverFrom("visit")
	return t.visit(budget)
}

func (l *Loop) retryLater(t *Task) {
	if len(l.later) == 0 {
		l.retry.Reset(retryInterval)
	}
	l.later = append(l.later, t)
}

func (l *Loop) retryNow() {
	for i, t := range l.later {
		l.later[i] = nil
		t.waits = false
		t.Mark()
	}
	l.later = emptied(l.later)
}

func (l *Loop) tick() {
	now := time.Now()
	l.traffic.publish()
	l.readBulk(now)
	for c := range l.conns {
		c.tick(now)
	}
}

// reap closes what asked to be closed. The engine calls it after every callback, so that no handler is called
// back from inside one of its own calls.
func (l *Loop) reap() {
	for i := 0; i < len(l.dying); i++ { // closing may add more
		c := l.dying[i]
		l.dying[i] = nil
		_ = l.el.Close(c.gnet) // runs OnClose before it returns
	}
	l.dying = emptied(l.dying)
}

// stop makes Do and Mark do nothing from now on, and the loop wait for gnet's word.
func (l *Loop) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return
	}
	l.stopped = true
	l.announced.Add(1)
	l.retry.Stop()
	l.bulk.timer.Stop()
	l.marked = nil
}

// finish runs what Do has promised to run and the loop, which has ended, did not come to.
func (l *Loop) finish() {
	l.release()
	for _, call := range l.calls {
		l.protect("call", call)
	}
	l.calls = nil
}

// release gives the loop's descriptors back.
func (l *Loop) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = true
	_ = unix.Close(l.wakeFD)
	l.bed.close()
}

// protect runs f and survives its panic. f is ours, so a panic is a mistake, but it must not end the process.
func (l *Loop) protect(what string, f func()) {
	defer l.recoverFrom(what)
	f()
}

func (l *Loop) recoverFrom(what string) {
	if p := recover(); p != nil {
		panics.Describe(l.manager.config.Log.Error(), p).Int("loop", l.index).Str("in", what).Msg("panic on an event loop")
	}
}
