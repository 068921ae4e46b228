package event

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

// Hub passes events from publishers to subscribers, in one order for all of them.
//
// There is one inbox for everything, so a subscription has its place among the events: what ran before it is reported
// at once, what comes after it follows, and nothing is reported twice or missed. The inbox has no bound. It holds one
// entry for each start or end of a workflow, and dropping one would leave subscribers wrong for ever.
type Hub struct {
	log zerolog.Logger

	mu     sync.Mutex
	inbox  []request
	closed bool

	wake chan struct{} // has room for one: the inbox is not empty, or closed
	done chan struct{} // closed when the goroutine has ended

	// The rest belongs to the hub's goroutine.
	subscribers [topics][]*Subscription
	running     map[string]running
	starts      uint64
	manager     *ManagerRegistered // the newest one
}

// request is either an event or a subscriber.
type request struct {
	event      Event
	subscriber *Subscription
}

type running struct {
	inbox Inbox
	order uint64
}

// Subscription is a subscriber's handle.
type Subscription struct {
	topic     Topic
	call      func(Event)
	cancelled atomic.Bool
}

// NewHub returns a hub at work. Close ends it.
func NewHub(log zerolog.Logger) *Hub {
	h := &Hub{
		log:     log,
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		running: make(map[string]running),
	}
	go h.loop()
	return h
}

// Publish hands e to the subscribers of its topic. It may be called from any goroutine, also from a subscriber's call,
// and does not wait. Events of one publisher keep their order. A closed hub ignores it.
func (h *Hub) Publish(e Event) { h.push(request{event: e}) }

// Subscribe calls f with every event of a topic, one after the other, on the hub's goroutine; f must not block. First
// come a WorkflowStarted for each workflow that runs, in the order of their starts, or the newest ManagerRegistered, if
// there is one. If f panics, it is not called again.
func (h *Hub) Subscribe(t Topic, f func(Event)) *Subscription {
	s := &Subscription{topic: t, call: f}
	h.push(request{subscriber: s})
	return s
}

// Cancel ends the subscription. It may be called from any goroutine, more than once, and does not wait: a call that is
// under way may still be at work when Cancel returns, but no other one begins.
func (s *Subscription) Cancel() { s.cancelled.Store(true) }

// Close ends the hub and waits until the last call has returned. It must not be called from a subscriber's call.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.signal()
	<-h.done
}

func (h *Hub) push(r request) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.inbox = append(h.inbox, r)
	h.mu.Unlock()
	h.signal()
}

func (h *Hub) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *Hub) take() (requests []request, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	requests, h.inbox = h.inbox, nil
	return requests, h.closed
}

func (h *Hub) loop() {
	defer close(h.done)
	for range h.wake {
		requests, closed := h.take()
		for _, r := range requests {
			panics.Contain(h.log, "an event is lost", func() { h.handle(r) })
		}
		if closed {
			return
		}
	}
}

func (h *Hub) handle(r request) {
	if r.subscriber != nil {
		h.welcome(r.subscriber)
	} else {
		h.publish(r.event)
	}
}

// welcome tells a subscriber what runs now and adds it to the others.
func (h *Hub) welcome(s *Subscription) {
	switch s.topic {
	case Workflows:
		names := slices.SortedFunc(maps.Keys(h.running), func(a, b string) int {
			return cmp.Compare(h.running[a].order, h.running[b].order)
		})
		for _, name := range names {
			h.tell(s, WorkflowStarted{Name: name, Inbox: h.running[name].inbox})
		}
	case Managers:
		if h.manager != nil {
			h.tell(s, *h.manager)
		}
	}
	h.subscribers[s.topic] = append(h.current(s.topic), s)
}

// current returns the subscribers of a topic without those that have gone.
func (h *Hub) current(t Topic) []*Subscription {
	return slices.DeleteFunc(h.subscribers[t], func(s *Subscription) bool { return s.cancelled.Load() })
}

func (h *Hub) publish(e Event) {
	switch e := e.(type) {
	case WorkflowStarted:
		h.starts++
		h.running[e.Name] = running{e.Inbox, h.starts}
	case WorkflowEnded:
		if h.running[e.Name].inbox == e.Inbox {
			delete(h.running, e.Name)
		}
	case ManagerRegistered:
		h.manager = &e
	}
	h.subscribers[e.topic()] = h.current(e.topic())
	for _, s := range h.subscribers[e.topic()] {
		h.tell(s, e)
	}
}

// tell calls a subscriber, and cancels it if it panics.
func (h *Hub) tell(s *Subscription, e Event) {
	if s.cancelled.Load() {
		return
	}
	if !panics.Contain(h.log, "an event subscriber panicked and gets no further events", func() { s.call(e) }) {
		s.Cancel()
	}
}
