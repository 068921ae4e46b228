package fanout

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// ErrPanic closes a viewer that made its visit panic. It is wrapped with the stack.
var ErrPanic = errors.New("internal error while serving a viewer")

// Task is how a group asks its loop for visits.
type Task interface {
	Mark()  // soon; any goroutine
	Later() // after a short pause; loop only
}

// Group is the viewers of one log on one loop. All of it but count and what a lock guards belongs to the loop.
//
// A pass serves every viewer once, in as many visits as the budget asks for. News that is due while a pass is under
// way makes it go round once more from where it is, so everybody gets the news and nobody is starved.
type Group struct {
	log     *Log
	loop    *Loop
	task    Task
	waiting *waiting
	viewers []*Viewer
	next    int         // whose turn it is
	due     int         // how many viewers, from next on and around, the pass has yet to serve
	all     bool        // the pass serves everybody; otherwise those who wait for a place to begin or for their peer
	news    atomic.Bool // that everybody is to have; set by whoever marks the task for it
	merges  bool        // what Flush.merges says
	blocked bool        // the pass has met a viewer whose peer took no more
	count   atomic.Int32
	needed  atomic.Uint64 // from where on its viewers need the log, as of the last pass
	slowest uint64        // of those that the pass has come to
	taken   uint64        // bytes that viewers have taken
	sent    atomic.Uint64 // taken, as of the last visit
	window  uint          // of the load in which the group was served last

	flushAt time.Time // when waiting news leaves; zero if none waits; guarded by waiting.mu
	place   int       // in waiting.groups; guarded by waiting.mu

	view    view
	spans   [][]byte
	scratch []byte
}

// NewGroup adds a group for a loop. On the loop's goroutine.
func (l *Log) NewGroup(loop *Loop) *Group {
	g := &Group{
		log: l, loop: loop, spans: make([][]byte, 0, spansMax),
		waiting: loop.waitingOf(pace{l.config.Flush, l.config.FlushMax}),
	}
	g.task = loop.newTask(g.visit)
	l.mu.Lock()
	defer l.mu.Unlock()
	all := append(append([]*Group(nil), *l.groups.Load()...), g)
	l.groups.Store(&all)
	return g
}

// Add makes sink a viewer. The loop's next visit serves it what there is. Loop only.
func (g *Group) Add(sink Sink, config ViewerConfig) *Viewer {
	v := &Viewer{group: g, sink: sink, config: config, waiting: true, whole: true, index: len(g.viewers)}
	g.log.mu.Lock()
	v.joined = g.log.shared.head
	if config.FromNextKey {
		v.from = v.joined
	}
	g.log.stats.Viewers++
	g.log.mu.Unlock()
	g.viewers = append(g.viewers, v)
	if g.due > 0 {
		g.due = len(g.viewers) // it may stand behind the one whose turn it is
	}
	g.count.Add(1)
	g.loop.viewers.Add(1)
	g.task.Mark()
	return v
}

// Remove ends a viewer's watching. Loop only; a second call does nothing.
func (g *Group) Remove(v *Viewer) {
	if v.index < 0 {
		return
	}
	last := len(g.viewers) - 1
	moved := g.viewers[last]
	g.viewers[v.index], moved.index = moved, v.index
	g.viewers[last] = nil
	g.viewers = g.viewers[:last]
	v.index = -1
	v.letGo()
	if g.due > 0 {
		g.due = last // the moved viewer may have lost its turn
	}
	g.count.Add(-1)
	g.loop.viewers.Add(-1)
	g.log.mu.Lock()
	g.log.stats.Viewers--
	g.log.mu.Unlock()
}

// visit goes on with the pass, or begins one, until the budget is used up. More is true if the pass is not complete.
func (g *Group) visit(budget int) (used int, more bool) {
	begun := time.Now()
	news := g.news.Swap(false) // before looking, so that news from here on makes the pass go round once more
	g.log.borrow(&g.view)
	defer g.view.release()
	defer func() { g.sent.Store(g.taken) }()
	defer func() { g.loop.load.note(g, begun, time.Now(), used) }()
	g.begin(news)
	g.merges = g.log.config.Flush.merges(g.merges, time.Duration(g.loop.load.pass.Load()))
	for g.due > 0 && used < budget {
		if g.next >= len(g.viewers) {
			g.next = 0
		}
		v := g.viewers[g.next]
		g.next++
		g.due--
		if g.all || v.waiting || v.blocked {
			used += g.serve(v)
		}
		g.blocked = g.blocked || v.blocked
		if !v.waiting {
			g.slowest = min(g.slowest, v.pos)
		}
	}
	if g.due > 0 {
		return used, true
	}
	g.needed.Store(g.slowest)
	if g.blocked {
		g.blocked = false
		g.task.Later()
	}
	if cap(g.scratch) > scratchKeepBytes {
		g.scratch = nil
	}
	return used, false
}

// begin begins a pass, or makes one go round once more for news. A pass without news is for newcomers and for those whose
// peers took no more: everybody else's news has not waited long enough yet.
func (g *Group) begin(news bool) {
	if g.due == 0 {
		g.slowest = g.view.head // also for those who wait: they may begin with what follows
		g.all = false
	}
	if news {
		g.all = true
	}
	if g.due == 0 || news {
		g.due = len(g.viewers)
	}
}

// wake makes the loop bring news to everybody. Any goroutine; what was published is to be seen by now.
func (g *Group) wake() {
	g.news.Store(true)
	g.task.Mark()
}

// serve serves one viewer. A panic ends that viewer only.
func (g *Group) serve(v *Viewer) (writes int) {
	defer func() {
		if p := recover(); p != nil {
			writes = 1
			v.close(fmt.Errorf("%w: %v\n%s", ErrPanic, p, debug.Stack()))
		}
	}()
	return v.serve(&g.view)
}

func (l *Log) countSkip(bytes uint64) {
	l.mu.Lock()
	l.stats.Skips++
	l.stats.SkippedBytes += bytes
	l.mu.Unlock()
}
