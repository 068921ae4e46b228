package fanout

import (
	"errors"
	"sync/atomic"
)

// ErrLost closes a viewer whose position the log has left behind in the middle of a message.
var ErrLost = errors.New("the viewer fell behind the log")

// Task is how a group asks its loop for visits.
type Task interface {
	Mark()  // soon; any goroutine
	Later() // after a short pause; loop only
}

// Group is the viewers of one log on one loop. All of it but count belongs to the loop.
type Group struct {
	log     *Log
	task    Task
	viewers []*Viewer
	next    int          // where the current pass goes on
	count   atomic.Int32 // of viewers

	view    view
	spans   [][]byte
	scratch []byte
}

// NewGroup adds a group for one loop. newTask makes the loop's task for the given visit. Any goroutine.
func (l *Log) NewGroup(newTask func(visit func(budget int) (used int, more bool)) Task) *Group {
	g := &Group{log: l, spans: make([][]byte, 0, spansMax)}
	g.task = newTask(g.visit)
	l.mu.Lock()
	defer l.mu.Unlock()
	all := append(append([]*Group(nil), *l.groups.Load()...), g)
	l.groups.Store(&all)
	return g
}

// Add makes sink a viewer and serves it what there is. Loop only.
func (g *Group) Add(sink Sink, config ViewerConfig) *Viewer {
	v := &Viewer{group: g, sink: sink, config: config, waiting: true, index: len(g.viewers)}
	g.log.mu.Lock()
	if config.FromNextKey {
		v.from = g.log.shared.head
	}
	g.log.stats.Viewers++
	g.log.mu.Unlock()
	g.viewers = append(g.viewers, v)
	g.count.Add(1)
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
	g.count.Add(-1)
	g.log.mu.Lock()
	g.log.stats.Viewers--
	g.log.mu.Unlock()
	if moved.index < g.next {
		g.task.Mark() // the moved viewer may have lost its turn in the current pass
	}
}

// visit serves viewers until the budget is used up. More is true if the pass is not complete.
func (g *Group) visit(budget int) (used int, more bool) {
	g.log.borrow(&g.view)
	defer g.view.release()
	blocked := false
	for g.next < len(g.viewers) && used < budget {
		v := g.viewers[g.next]
		g.next++
		used += v.serve(&g.view)
		blocked = blocked || v.blocked
	}
	if blocked {
		g.task.Later()
	}
	if g.next < len(g.viewers) {
		return used, true
	}
	g.next = 0
	return used, false
}

func (l *Log) countSkip(bytes uint64) {
	l.mu.Lock()
	l.stats.Skips++
	l.stats.SkippedBytes += bytes
	l.mu.Unlock()
}

func (l *Log) countLost() {
	l.mu.Lock()
	l.stats.LostPositions++
	l.mu.Unlock()
}
