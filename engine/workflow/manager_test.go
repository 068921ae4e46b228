package workflow_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/limits"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
)

var background = context.Background()

// house is a manager with a real hub, fake steps, and a log.
type house struct {
	*stage
	manager *workflow.Manager
	hub     *event.Hub
	log     lockedBuffer
	inboxes map[string]event.Inbox // by name, of the workflows that run according to the events
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// lines returns the log lines that have all the words.
func (b *lockedBuffer) lines(words ...string) []string {
	var found []string
next:
	for line := range strings.Lines(b.String()) {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue next
			}
		}
		found = append(found, line)
	}
	return found
}

// inHouse runs f in a bubble, which ends only when all goroutines have ended.
func inHouse(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	workflowtest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		h := &house{stage: newStage(), inboxes: make(map[string]event.Inbox)}
		h.hub = event.NewHub(zerolog.Nop())
		defer h.hub.Close()
		h.hub.Subscribe(event.Workflows, func(e event.Event) {
			switch e := e.(type) {
			case event.WorkflowStarted:
				h.say("started %s", e.Name)
				h.inboxes[e.Name] = e.Inbox
			case event.WorkflowEnded:
				if h.inboxes[e.Name] == e.Inbox {
					h.say("ended %s", e.Name)
					delete(h.inboxes, e.Name)
				} else {
					h.say("ended %s before", e.Name)
				}
			}
		})
		h.manager = workflow.NewManager(h.registry(), h.hub, zerolog.New(&h.log))
		defer func() { require.NoError(t, h.manager.Close(background)) }()
		f(t, h)
	})
}

func (h *house) upsert(t *testing.T, name, steps string) {
	t.Helper()
	require.NoError(t, h.manager.Upsert(background, "r-"+name, define(t, name, steps)))
}

func (h *house) stop(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, h.manager.Stop(background, "s-"+name, name))
}

func (h *house) want(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	require.Equal(t, strings.Join(lines, "\n"), h.said())
}

// wantInAnyOrder is want for what several goroutines say.
func (h *house) wantInAnyOrder(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	require.ElementsMatch(t, lines, strings.Split(h.said(), "\n"))
}

func TestManagerRegistersItself(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		require.NoError(t, h.reactors(t).Stop(background, "r", "nothing"))
		require.Len(t, h.log.lines("no such workflow to stop"), 1)
	})
}

func TestStartedIsPublishedEvenIfTheWorkflowFails(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "bad", "pass name=a broken=sorry")
		h.want(t, "started bad")
		names, err := h.manager.List(background)
		require.NoError(t, err)
		require.Equal(t, []string{"bad"}, names)
		d, err := h.manager.Details(background, "bad")
		require.NoError(t, err)
		require.Regexp(t, `^Step id \d+ failed: not instantiated: sorry$`, d.Status())
	})
}

func TestUpdateOfAKnownNamePublishesNothing(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=a")
		synctest.Wait()
		h.said()
		h.upsert(t, "w", "pass name=a ; pass name=b")
		h.want(t, "b: made")
	})
}

func TestStopPublishesTheEndAndWaitsForTheSteps(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=a ; pass name=b")
		synctest.Wait()
		h.said()
		h.stop(t, "w")
		require.Subset(t, strings.Split(h.said(), "\n"), []string{"a: closed", "b: closed"})
		names, err := h.manager.List(background)
		require.NoError(t, err)
		require.Empty(t, names)
	})
}

func TestStopOfAnUnknownNameIsOnlyLogged(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.stop(t, "nobody")
		h.want(t, "")
		require.Len(t, h.log.lines(`"request_id":"s-nobody"`, `"workflow_name":"nobody"`), 1)
	})
}

func TestDetailsOfAnUnknownName(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, err := h.manager.Details(background, "nobody")
		require.ErrorIs(t, err, workflow.ErrNotFound)
	})
}

func TestUpsertCopiesTheDefinition(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		w := define(t, "w", "pass name=a")
		require.NoError(t, h.manager.Upsert(background, "r", w))
		synctest.Wait()
		w.Steps[0].Params[0].Value = "b"
		d, err := h.manager.Details(background, "w")
		require.NoError(t, err)
		require.Equal(t, "a", d.Active[0].Parameters[0].Value)
	})
}

func TestUpsertNeedsAName(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		require.ErrorIs(t, h.manager.Upsert(background, "r", config.Workflow{}), workflow.ErrNoName)
	})
}

func TestWorkflowsMax(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		var counters limits.Counters
		h.manager.Limit(2, &counters)
		h.upsert(t, "a", "")
		h.upsert(t, "b", "")
		require.Zero(t, counters.Count(limits.Workflows), "at the limit")
		err := h.manager.Upsert(background, "r", define(t, "c", ""))
		require.ErrorIs(t, err, workflow.ErrTooMany)
		require.EqualError(t, err, "there are as many workflows as the server may have: 2")
		require.EqualValues(t, 1, counters.Count(limits.Workflows))
		names, err := h.manager.List(background)
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, names)

		h.upsert(t, "a", "") // is no other one
		h.stop(t, "b")
		h.upsert(t, "c", "")
		require.EqualValues(t, 1, counters.Count(limits.Workflows))
	})
}

func TestWorkflowThatEndsByItselfIsForgotten(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "double name=a ; pass name=b panics=exit ; pass name=c")
		h.upsert(t, "other", "pass name=x")
		synctest.Wait()
		h.said()
		h.inboxes["w"].Deliver(read("new s, vh s 1, key s 2, end s"))
		h.want(t, "a: new s, vh s 1, key s 2, end s", "b: new s', vh s' 1, key s' 2, end s'",
			"a: closed", "b: closed", "c: closed", "ended w")
		names, err := h.manager.List(background)
		require.NoError(t, err)
		require.Equal(t, []string{"other"}, names)
		require.Len(t, h.log.lines(`"level":"warn"`, `"workflow_name":"w"`, "ended by itself"), 1)
		h.upsert(t, "w", "pass name=a")
		h.wantInAnyOrder(t, "started w", "a: made")
	})
}

// The end of an old instance must not touch a new one of the same name.
func TestInstancesAreCompared(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		synctest.Wait()
		h.stop(t, "w") // gives up after a while
		h.upsert(t, "w", "pass name=b")
		synctest.Wait()
		h.said()
		h.find("hangs").release <- ""
		h.want(t, "hangs: closed")
		names, err := h.manager.List(background)
		require.NoError(t, err)
		require.Equal(t, []string{"w"}, names)
		d, err := h.manager.Details(background, "w")
		require.NoError(t, err)
		require.Len(t, d.Active, 1)
		require.Empty(t, h.log.lines("ended by itself"))
	})
}

func TestStopGivesUpAfterAWhile(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		begin := time.Now()
		h.stop(t, "w")
		require.Equal(t, 5*time.Second, time.Since(begin))
		require.Len(t, h.log.lines(`"level":"warn"`, `"workflow_name":"w"`, "hangs"), 1)
		h.find("hangs").release <- ""
	})
}

func TestStopEndsWithItsContext(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		require.ErrorIs(t, h.manager.Stop(ctx, "s", "w"), context.DeadlineExceeded)

		// The name is not free yet, and whoever wants it waits.
		ctx, cancel = context.WithTimeout(background, time.Second)
		defer cancel()
		require.ErrorIs(t, h.manager.Upsert(ctx, "r", define(t, "w", "pass name=b")), context.DeadlineExceeded)

		// Others are not concerned.
		h.upsert(t, "other", "pass name=c")
		h.stop(t, "other")
		h.find("hangs").release <- ""
	})
}

func TestDetailsOfAWorkflowThatHangs(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		_, err := h.manager.Details(ctx, "w")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		h.find("hangs").release <- ""
	})
}

func TestListIsAscending(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for _, name := range []string{"b", "c", "B", "a"} {
			h.upsert(t, name, "")
		}
		names, err := h.manager.List(background)
		require.NoError(t, err)
		require.Equal(t, []string{"B", "a", "b", "c"}, names)
	})
}

func TestStopAndStartOfOneNameAreSequential(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for range 20 {
			h.upsert(t, "w", "pass name=a")
			h.stop(t, "w")
			h.upsert(t, "w2", "pass name=b")
			h.stop(t, "w2")
			synctest.Wait()
			var steps []string
			for line := range strings.Lines(h.said()) {
				if line = strings.TrimSpace(line); !strings.Contains(line, " w") {
					steps = append(steps, line)
				}
			}
			require.Equal(t, []string{"a: made", "a: closed", "b: made", "b: closed"}, steps)
		}
	})
}

func TestCloseStopsTheLastStartedFirst(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for _, name := range []string{"b", "a", "c"} {
			h.upsert(t, name, "pass name=in-"+name)
			synctest.Wait()
		}
		h.upsert(t, "b", "pass name=in-b ; pass name=more")
		synctest.Wait()
		h.said()
		require.NoError(t, h.manager.Close(background))
		synctest.Wait()
		var closed []string
		for line := range strings.Lines(h.said()) {
			if strings.HasSuffix(strings.TrimSpace(line), "closed") {
				closed = append(closed, strings.TrimSpace(line))
			}
		}
		require.Equal(t, []string{"in-c: closed", "in-a: closed", "in-b: closed", "more: closed"}, closed)
		require.ErrorIs(t, h.manager.Upsert(background, "r", define(t, "w", "")), workflow.ErrClosed)
		require.ErrorIs(t, h.manager.Stop(background, "r", "w"), workflow.ErrClosed)
	})
}

func TestCloseTellsEveryWorkflowAlsoAfterItsContext(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "a", "pass name=a")
		h.upsert(t, "hangs", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		synctest.Wait()
		h.said()
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		require.ErrorIs(t, h.manager.Close(ctx), context.DeadlineExceeded)
		h.wantInAnyOrder(t, "ended hangs", "ended a", "a: closed")
		h.find("hangs").release <- ""
	})
}

func TestEndedContextStopsRequests(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		ctx, cancel := context.WithCancel(background)
		cancel()
		require.ErrorIs(t, h.manager.Upsert(ctx, "r", define(t, "w", "")), context.Canceled)
		require.ErrorIs(t, h.manager.Stop(ctx, "r", "w"), context.Canceled)
		_, err := h.manager.List(ctx)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// Without a bubble: many clients put, list and delete one name without pauses.
func TestA8_PutGetDeleteWithoutPauses(t *testing.T) {
	workflowtest.NoLeaks(t)
	before := runtime.NumGoroutine()
	s := newStage()
	hub := event.NewHub(zerolog.Nop())
	views := make(map[string]event.Inbox)
	hub.Subscribe(event.Workflows, func(e event.Event) {
		switch e := e.(type) {
		case event.WorkflowStarted:
			views[e.Name] = e.Inbox
			e.Inbox.Deliver(read("new s, vh s 1, key s 2"))
		case event.WorkflowEnded:
			if views[e.Name] == e.Inbox {
				delete(views, e.Name)
			}
		}
	})
	m := workflow.NewManager(s.registry(), hub, zerolog.Nop())
	var clients sync.WaitGroup
	for c := range 4 {
		clients.Go(func() {
			for k := range 100 {
				w := define(t, "w", fmt.Sprintf("source name=in%d ; pass name=out", (c+k)%3))
				if err := m.Upsert(background, "put", w); err != nil {
					t.Error(err)
				}
				if _, err := m.List(background); err != nil {
					t.Error(err)
				}
				if err := m.Stop(background, "delete", "w"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	names, err := m.List(background)
	require.NoError(t, err)
	require.Empty(t, names)

	require.NoError(t, m.Upsert(background, "put", define(t, "w", "pass name=last")))
	d, err := m.Details(background, "w")
	require.NoError(t, err)
	require.Equal(t, "Running", d.Status())
	require.Len(t, d.Active, 1)
	require.NoError(t, m.Close(background))
	hub.Close()
	require.Empty(t, views)

	made, closed := 0, 0
	for line := range strings.Lines(s.said()) {
		if strings.Contains(line, ": made") {
			made++
		}
		if strings.Contains(line, ": closed") {
			closed++
		}
	}
	require.Positive(t, made)
	require.Equal(t, made, closed)
	for runtime.NumGoroutine() > before { // the last ones are about to return; go test's limit ends a vain wait
		runtime.Gosched()
	}
}

func TestLOG5_LinesCarryTheirContextAndNoSecrets(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", `pass name=a flag target=rtmp://host/app/hidden1 password=hidden2 url="http://x/y?k=hidden3"`)
		d, err := h.manager.Details(background, "w")
		require.NoError(t, err)
		id := fmt.Sprintf(`"step_id":"%v"`, d.Active[0].ID)
		h.find("a").env.Log.Info().Msg("by the step itself")
		h.find("a").env.Futures.Post(result{"unready", h.stage})
		synctest.Wait()
		h.stop(t, "w")

		require.Len(t, h.log.lines(`"workflow_name":"w"`, `"request_id":"r-w"`, id, `"step_type":"pass"`,
			`"name":"a"`, `"flag":null`, "rtmp://host/app/…"), 1)
		require.Len(t, h.log.lines(`"workflow_name":"w"`, id, "by the step itself"), 1)
		require.Len(t, h.log.lines(`"workflow_name":"w"`, id, `"status":"Created"`), 1)
		require.Len(t, h.log.lines(`"workflow_name":"w"`, id, "closed"), 1)
		require.Len(t, h.log.lines(`"workflow_name":"w"`, `"request_id":"s-w"`), 1)
		require.Empty(t, h.log.lines("hidden"))
		require.NotContains(t, fmt.Sprint(d), "hidden")
	})
}

func TestPanicsAreLoggedWithTheirStack(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=a panics=execute")
		synctest.Wait()
		h.inboxes["w"].Deliver(read("new s"))
		synctest.Wait()
		require.Len(t, h.log.lines(`"level":"error"`, `"workflow_name":"w"`, "step_id", "stack", "fake_test.go"), 1)
	})
}

func TestDetails(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", `pass z name=a b=""`)
		d, err := h.manager.Details(background, "w")
		require.NoError(t, err)
		require.Equal(t, "Running", d.Status())
		require.Len(t, d.Active, 1)
		s := d.Active[0]
		require.Equal(t, "pass", s.Type)
		require.NotZero(t, s.ID)
		require.Equal(t, "Active", s.Status.String())
		var params []string
		for _, p := range s.Parameters {
			params = append(params, fmt.Sprintf("%s %v %q", p.Name, p.HasValue, p.Value))
		}
		require.Equal(t, []string{`b true ""`, `name true "a"`, `z false ""`}, params)
	})
}

func TestDroppedPacketsAreCountedAndLogged(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		synctest.Wait()
		for range 20_000 {
			h.inboxes["w"].Deliver(read("audio s"))
		}
		h.find("hangs").release <- ""
		d, err := h.manager.Details(background, "w")
		require.NoError(t, err)
		require.EqualValues(t, 20_000-16_384, d.Dropped)
		require.Len(t, h.log.lines(`"level":"warn"`, `"packets":3616`), 1)
	})
}

func TestCheckIsTheRegistrys(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		require.Len(t, h.manager.Check(define(t, "w", "pass ; pas ; pass wrong")), 2)
	})
}

// Media of an ended workflow is just released.
func TestInboxOfAnEndedWorkflow(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=a")
		synctest.Wait()
		inbox, futures := h.inboxes["w"], h.find("a").env.Futures
		h.stop(t, "w")
		synctest.Wait()
		h.said()
		inbox.Deliver(read("new s, key s 1"))
		futures.Deliver(read("new s, key s 1"))
		futures.Post(result{"hello", h.stage})
		futures.Go(func(context.Context) any { h.say("work runs"); return nil })
		h.want(t, "too late: hello")
	})
}

// define hands over a definition of w, of the operator or of a reactor.
func (h *house) define(t *testing.T, fromReactor bool, lines string) error {
	t.Helper()
	d, err := config.Parse("", []byte("workflow w {\n"+lines+"\n}\n"))
	require.NoError(t, err)
	defer synctest.Wait()
	if fromReactor {
		return h.reactors(t).Upsert(background, "r", d.Workflows[0])
	}
	return h.manager.Upsert(background, "r", d.Workflows[0])
}

// reactors is the manager as reactors know it.
func (h *house) reactors(t *testing.T) (m event.Manager) {
	t.Helper()
	s := h.hub.Subscribe(event.Managers, func(e event.Event) { m = e.(event.ManagerRegistered).Manager })
	defer s.Cancel()
	synctest.Wait()
	require.NotNil(t, m)
	return m
}

func TestStepsKnowWhoDefinedThem(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		require.NoError(t, h.define(t, true, "pass name=a"))
		require.True(t, h.find("a").env.FromReactor)
		require.NoError(t, h.define(t, true, "pass name=a\npass name=b"))
		require.True(t, h.find("b").env.FromReactor)
		require.NoError(t, h.define(t, false, "pass name=a\npass name=c"))
		require.False(t, h.find("c").env.FromReactor)
		require.True(t, h.find("a").env.FromReactor, "it is the same step")
	})
}

// TestReactorsLeaveTheOperatorsWorkflowsAlone: a stream's name may become a workflow's name, and strangers choose it.
func TestReactorsLeaveTheOperatorsWorkflowsAlone(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		running := func() (steps int) {
			d, err := h.manager.Details(background, "w")
			require.NoError(t, err)
			require.Equal(t, "Running", d.Status())
			return len(d.Active)
		}
		require.NoError(t, h.define(t, false, "pass name=a\npass name=b"))
		require.ErrorIs(t, h.define(t, true, "pass name=stranger"), workflow.ErrOperators)
		require.NoError(t, h.reactors(t).Stop(background, "s", "w"))
		require.Equal(t, 2, running())

		require.NoError(t, h.manager.Stop(background, "s", "w"))
		require.NoError(t, h.define(t, true, "pass name=c"))
		require.Equal(t, 1, running(), "the name is free")
		require.NoError(t, h.define(t, true, "pass name=c\npass name=d\npass name=e"))
		require.Equal(t, 3, running())
		require.NoError(t, h.define(t, false, "pass name=f"))
		require.ErrorIs(t, h.define(t, true, "pass name=c"), workflow.ErrOperators)
		require.NoError(t, h.reactors(t).Stop(background, "s", "w"))
		require.Equal(t, 1, running(), "the operator has taken it over")

		require.NoError(t, h.manager.Stop(background, "s", "w"))
		require.NoError(t, h.define(t, true, "pass name=g"))
		require.NoError(t, h.reactors(t).Stop(background, "s", "w"))
		_, err := h.manager.Details(background, "w")
		require.ErrorIs(t, err, workflow.ErrNotFound)
	})
}
