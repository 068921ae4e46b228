package event_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/media"
)

type inbox struct{ id int }

func (*inbox) Deliver([]media.Notification) {}

type manager struct{ id int }

func (*manager) Upsert(context.Context, string, config.Workflow) error { return nil }
func (*manager) Stop(context.Context, string, string) error            { return nil }

// trace collects what subscribers were told, as text.
type trace struct {
	mu    sync.Mutex
	lines []string
}

func (r *trace) subscriber(name string) func(event.Event) {
	return func(e event.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.lines = append(r.lines, name+": "+text(e))
	}
}

func text(e event.Event) string {
	switch e := e.(type) {
	case event.WorkflowStarted:
		return fmt.Sprintf("started %s %d", e.Name, e.Inbox.(*inbox).id)
	case event.WorkflowEnded:
		return fmt.Sprintf("ended %s %d", e.Name, e.Inbox.(*inbox).id)
	case event.ManagerRegistered:
		return fmt.Sprintf("manager %d", e.Manager.(*manager).id)
	}
	return "?"
}

func (r *trace) want(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Equal(t, lines, r.lines)
	r.lines = nil
}

// withHub runs f in a bubble, which ends only when the hub's goroutine has ended.
func withHub(t *testing.T, f func(t *testing.T, h *event.Hub, r *trace)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := event.NewHub(zerolog.Nop())
		defer h.Close()
		f(t, h, new(trace))
	})
}

func started(name string, i *inbox) event.Event { return event.WorkflowStarted{Name: name, Inbox: i} }
func ended(name string, i *inbox) event.Event   { return event.WorkflowEnded{Name: name, Inbox: i} }

func TestSubscribersHearTheirTopicOnly(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Subscribe(event.Workflows, r.subscriber("w"))
		h.Subscribe(event.Managers, r.subscriber("m"))
		h.Publish(started("a", &inbox{1}))
		h.Publish(event.ManagerRegistered{Manager: &manager{2}})
		h.Publish(ended("a", &inbox{1}))
		r.want(t, "w: started a 1", "m: manager 2", "w: ended a 1")
	})
}

func TestLateSubscriberHearsWhatRunsNow(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		a, b, c := &inbox{1}, &inbox{2}, &inbox{3}
		h.Publish(started("c", c))
		h.Publish(started("b", b))
		h.Publish(started("a", a))
		h.Publish(ended("b", b))
		h.Subscribe(event.Workflows, r.subscriber("late"))
		r.want(t, "late: started c 3", "late: started a 1")
		h.Publish(ended("a", a))
		r.want(t, "late: ended a 1")
	})
}

func TestLateSubscriberHearsTheNewestManager(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Subscribe(event.Managers, r.subscriber("early"))
		r.want(t)
		h.Publish(event.ManagerRegistered{Manager: &manager{1}})
		h.Publish(event.ManagerRegistered{Manager: &manager{2}})
		h.Subscribe(event.Managers, r.subscriber("late"))
		r.want(t, "early: manager 1", "early: manager 2", "late: manager 2")
	})
}

func TestSecondStartReplacesTheInbox(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Publish(started("a", &inbox{1}))
		h.Publish(started("a", &inbox{2}))
		h.Subscribe(event.Workflows, r.subscriber("late"))
		r.want(t, "late: started a 2")
	})
}

func TestEndOfAnUnknownNameIsDelivered(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Subscribe(event.Workflows, r.subscriber("w"))
		h.Publish(ended("nobody", &inbox{7}))
		r.want(t, "w: ended nobody 7")
	})
}

// After a quick restart the late end of the old workflow must not hide the new one.
func TestLateEndDoesNotForgetTheNewInbox(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		old, successor := &inbox{1}, &inbox{2}
		h.Publish(started("a", old))
		h.Publish(started("a", successor))
		h.Publish(ended("a", old))
		h.Subscribe(event.Workflows, r.subscriber("late"))
		r.want(t, "late: started a 2")
	})
}

func TestCancelledSubscriberHearsNothing(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Publish(started("a", &inbox{1}))
		s := h.Subscribe(event.Workflows, r.subscriber("gone"))
		synctest.Wait()
		s.Cancel()
		s.Cancel()
		h.Subscribe(event.Workflows, r.subscriber("there"))
		h.Publish(started("b", &inbox{2}))
		r.want(t, "gone: started a 1", "there: started a 1", "there: started b 2")
	})
}

func TestCancelFromTheCallIsItsLast(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Publish(started("a", &inbox{1}))
		h.Publish(started("b", &inbox{2}))
		told := r.subscriber("once")
		subscription := make(chan *event.Subscription, 1)
		subscription <- h.Subscribe(event.Workflows, func(e event.Event) {
			told(e)
			(<-subscription).Cancel()
		})
		r.want(t, "once: started a 1")
		h.Publish(started("c", &inbox{3}))
		r.want(t)
	})
}

func TestSubscriberMayPublishAndSubscribe(t *testing.T) {
	withHub(t, func(t *testing.T, h *event.Hub, r *trace) {
		h.Subscribe(event.Workflows, func(e event.Event) {
			h.Publish(event.ManagerRegistered{Manager: &manager{1}})
			h.Subscribe(event.Managers, r.subscriber("m"))
		})
		h.Publish(started("a", &inbox{1}))
		r.want(t, "m: manager 1")
	})
}

func TestPanickingSubscriberIsRemovedAndLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h := event.NewHub(zerolog.New(&log))
		r := new(trace)
		calls := 0
		h.Subscribe(event.Workflows, func(event.Event) { calls++; panic("oops") })
		h.Subscribe(event.Workflows, r.subscriber("other"))
		h.Publish(started("a", &inbox{1}))
		h.Publish(started("b", &inbox{2}))
		r.want(t, "other: started a 1", "other: started b 2")
		h.Close()
		require.Equal(t, 1, calls)
		require.Contains(t, log.String(), `"panic":"oops"`)
		require.Contains(t, log.String(), "hub_test.go")
	})
}

func TestClosedHubFinishesItsInboxAndIgnoresTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := event.NewHub(zerolog.Nop())
		r := new(trace)
		h.Subscribe(event.Workflows, r.subscriber("w"))
		h.Publish(started("a", &inbox{1}))
		h.Close()
		h.Publish(started("b", &inbox{2}))
		h.Subscribe(event.Workflows, r.subscriber("late"))
		h.Close()
		r.want(t, "w: started a 1")
	})
}

// Wherever in the sequence of events somebody subscribes, the workflows that it believes to run are those that do.
func TestEverySubscriberSeesEachRunningWorkflowOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := event.NewHub(zerolog.Nop())
		const publishers, rounds = 4, 50
		type view struct {
			running map[string]int
			twice   int
		}
		views := make(chan *view, publishers*rounds)
		var work sync.WaitGroup
		for p := range publishers {
			work.Go(func() {
				for k := range rounds {
					name, i := fmt.Sprintf("%d-%d", p, k), &inbox{k}
					h.Publish(started(name, i))
					v := &view{running: make(map[string]int)}
					h.Subscribe(event.Workflows, func(e event.Event) {
						switch e := e.(type) {
						case event.WorkflowStarted:
							if v.running[e.Name]++; v.running[e.Name] > 1 {
								v.twice++
							}
						case event.WorkflowEnded:
							delete(v.running, e.Name)
						}
					})
					views <- v
					if k%2 == 0 {
						h.Publish(ended(name, i))
					}
				}
			})
		}
		work.Wait()
		h.Close()
		close(views)
		for v := range views {
			require.Zero(t, v.twice)
			require.Len(t, v.running, publishers*rounds/2)
		}
	})
}

// TestEventThatCannotBeHandled: what comes behind it is handled.
func TestEventThatCannotBeHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h := event.NewHub(zerolog.New(&log))
		r := new(trace)
		h.Subscribe(event.Workflows, r.subscriber("w"))
		h.Publish(nil) // a mistake of ours
		h.Publish(started("a", &inbox{1}))
		r.want(t, "w: started a 1")
		h.Close()
		require.Contains(t, log.String(), "an event is lost")
	})
}
