package reactor

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/panics"
)

// workflows knows which streams, of all reactors, need which workflows, and has the workflow manager run just these.
//
// Reactors only say what is to be. A goroutine brings it about, one name after the other in the order of the changes, for
// the end of a workflow may have to be waited for and no answer shall wait for that. Changes of one name that it has not
// come to are one change, so what waits is bounded by the number of names.
type workflows struct {
	log    zerolog.Logger
	ctx    context.Context // of the requests to the workflow manager
	cancel context.CancelFunc
	wake   chan struct{} // has room for one: there is something to do
	done   chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	news    figures.News
	manager event.Manager // nil until known
	wanted  map[string]*wanted
	changed []string // names in the order of their newest change, each once
	closed  bool
}

// wanted is what is to be of one name.
type wanted struct {
	uses      []use // in the order of their beginning; without any, the workflow is to be stopped
	started   bool  // a manager was asked to
	changed   bool  // stands in workflows.changed
	requestID string
	maker     *user // for whom it was started; nil if it was not. The goroutine's
}

// use is one stream's need for a workflow.
type use struct {
	user       *user
	definition config.Workflow
}

// user is a stream of a reactor. It is told apart by its address.
type user struct {
	reactor, stream string
	names           map[string]bool // of the workflows that it needs; guarded by workflows.mu
}

func newWorkflows(log zerolog.Logger) *workflows {
	ctx, cancel := context.WithCancel(context.Background())
	w := &workflows{
		log:    log,
		news:   figures.Nobody{},
		ctx:    ctx,
		cancel: cancel,
		wake:   make(chan struct{}, 1),
		done:   make(chan struct{}),
		wanted: make(map[string]*wanted),
	}
	go w.loop()
	return w
}

// tell has n hear of workflows that are started and ended.
func (w *workflows) tell(n figures.News) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.news = n
}

// managedBy makes m the manager. It knows nothing of what an earlier one ran, so it is asked for everything.
func (w *workflows) managedBy(m event.Manager) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.manager = m
	for _, known := range w.wanted {
		known.changed = true
		if len(known.uses) > 0 {
			known.requestID = "reactor_" + known.uses[0].user.reactor + "_cache_catchup"
		}
	}
	w.changed = slices.Sorted(maps.Keys(w.wanted))
	w.signal()
}

// set replaces the workflows that u needs. New ones are started before others are stopped.
func (w *workflows) set(u *user, list []config.Workflow, updateID, stopID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	old := u.names
	u.names = make(map[string]bool, len(list))
	for _, definition := range list {
		if !u.names[definition.Name] {
			u.names[definition.Name] = true
			w.need(u, definition, updateID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		if !u.names[name] {
			w.end(u, name, stopID)
		}
	}
	w.signal()
}

// need notes that u needs a workflow. Only the definition of its first user is run: an answer for another stream must
// not disturb what runs already.
func (w *workflows) need(u *user, definition config.Workflow, requestID string) {
	name := definition.Name
	known := w.wanted[name]
	if known == nil {
		known = &wanted{}
		w.wanted[name] = known
	}
	place := slices.IndexFunc(known.uses, func(other use) bool { return other.user == u })
	if place < 0 {
		w.warnIfShared(known, u, name)
		place = len(known.uses)
		known.uses = append(known.uses, use{user: u})
	}
	known.uses[place].definition = definition
	if place == 0 {
		w.change(name, known, requestID)
	}
}

func (w *workflows) warnIfShared(known *wanted, u *user, name string) {
	if len(known.uses) == 0 {
		return
	}
	first := known.uses[0].user
	w.log.Error().Str("workflow_name", name).Str("reactor_name", u.reactor).Str("stream_name", u.stream).
		Str("first_reactor_name", first.reactor).Str("first_stream_name", first.stream).
		Msg("the answers for two streams have a workflow of the same name, the definition of the first one runs")
}

// end notes that u no longer needs a workflow.
func (w *workflows) end(u *user, name, requestID string) {
	known := w.wanted[name]
	place := slices.IndexFunc(known.uses, func(other use) bool { return other.user == u })
	known.uses = slices.Delete(known.uses, place, place+1)
	switch {
	case len(known.uses) == 0 && !known.started:
		w.unchange(name, known)
		delete(w.wanted, name) // there is nothing to stop
	case place == 0:
		w.change(name, known, requestID)
	}
}

func (w *workflows) change(name string, known *wanted, requestID string) {
	w.unchange(name, known)
	known.changed, known.requestID = true, requestID
	w.changed = append(w.changed, name)
}

func (w *workflows) unchange(name string, known *wanted) {
	if known.changed {
		place := slices.Index(w.changed, name)
		w.changed = slices.Delete(w.changed, place, place+1)
		known.changed = false
	}
}

func (w *workflows) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close ends the goroutine when it has done what is to be done.
func (w *workflows) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.signal()
}

// abandon ends the goroutine as soon as possible.
func (w *workflows) abandon() {
	w.cancel()
	w.close()
}

func (w *workflows) loop() {
	defer close(w.done)
	defer w.cancel()
	for range w.wake {
		for request, more := w.next(); more; request, more = w.next() {
			panics.Contain(w.log, "BUG: the workflow manager panicked", request)
		}
		if w.isClosed() {
			return
		}
	}
}

func (w *workflows) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// next returns the next request to the workflow manager, if there is one to be made.
func (w *workflows) next() (request func(), more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.manager == nil || len(w.changed) == 0 || w.ctx.Err() != nil {
		return nil, false
	}
	name := w.changed[0]
	w.changed = w.changed[1:]
	known := w.wanted[name]
	known.changed = false
	r := errand{manager: w.manager, news: w.news, id: known.requestID, name: name, wanted: known}
	if len(known.uses) == 0 {
		delete(w.wanted, name)
		return func() { w.stop(r) }, true
	}
	known.started = true
	r.use = known.uses[0]
	return func() { w.upsert(r) }, true
}
