package workflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/limits"
)

// What a Manager answers.
var (
	ErrNotFound = errors.New("workflow not found")
	ErrClosed   = errors.New("the workflow manager is closed")
	ErrNoName   = errors.New("a workflow needs a name")
	ErrTooMany  = errors.New("there are as many workflows as the server may have")
)

// publisher is all that a manager needs of the event hub. Publish must not block.
type publisher interface{ Publish(event.Event) }

// Manager keeps the set of workflows and tells the event hub of their starts and ends. All methods may be called from
// any goroutine. Names are case-sensitive. A request id only serves to find a request in the log.
type Manager struct {
	registry *Registry
	events   publisher
	log      zerolog.Logger
	max      int // workflows
	counters *limits.Counters

	mu      sync.Mutex // held while publishing, so that the events of a name have the order of what happened
	running map[string]*managed
	ending  map[string]chan struct{} // closed, and removed, when the name may be used again
	starts  uint64
	closed  bool
}

var _ event.Manager = forReactors{}

type managed struct {
	runner      *runner
	order       uint64
	fromReactor bool // nobody but reactors has defined it
}

// NewManager returns a manager without workflows and registers it with the hub, for reactors. The registry must be complete.
func NewManager(registry *Registry, events publisher, log zerolog.Logger) *Manager {
	m := &Manager{
		registry: registry,
		events:   events,
		log:      log,
		max:      workflowsMax,
		running:  make(map[string]*managed),
		ending:   make(map[string]chan struct{}),
	}
	events.Publish(event.ManagerRegistered{Manager: forReactors{m}})
	return m
}

// Limit bounds the workflows, to be called before there are any; zero means 20,000. counters may be nil.
func (m *Manager) Limit(workflows int, counters *limits.Counters) {
	if workflows > 0 {
		m.max = workflows
	}
	m.counters = counters
}

// Check returns every mistake in the steps of a definition, in their order, without starting anything.
func (m *Manager) Check(w config.Workflow) []config.Mistake { return m.registry.Check(w) }

// Upsert starts the workflow, or hands the definition to the running one of that name. Whether its steps can be made is
// seen in its Details. If the name is being stopped, Upsert waits until that is done. The order of calls is the order of
// the starts. What a reactor defines never changes a workflow of the operator, see ErrOperators; the operator's definition
// of a reactor's workflow makes it the operator's. The error is ErrTooMany when another workflow would be more than Limit
// allows.
func (m *Manager) Upsert(ctx context.Context, requestID string, w config.Workflow) error {
	if w.Name == "" {
		return ErrNoName
	}
	w = cloneDefinition(w)
	for {
		if err := m.lockWhenFree(ctx, w.Name); err != nil {
			return err
		}
		known := m.running[w.Name]
		if known != nil && w.FromReactor && !known.fromReactor {
			m.mu.Unlock()
			return ErrOperators
		}
		done, err := m.upsertLocked(requestID, w)
		m.mu.Unlock()
		if done || err != nil {
			return err
		}
	}
}

// upsertLocked reports false without an error if the running workflow has just ended by itself.
func (m *Manager) upsertLocked(requestID string, w config.Workflow) (done bool, err error) {
	if known := m.running[w.Name]; known != nil {
		if known.runner.updateOffLoop(requestID, w) {
			known.fromReactor = w.FromReactor
			return true, nil
		}
		m.loseLocked(known.runner)
		return false, nil
	}
	if len(m.running) >= m.max {
		m.counters.Exceeded(limits.Workflows)
		return false, fmt.Errorf("%w: %d", ErrTooMany, m.max)
	}
	r := newRunner(w.Name, m.registry, m.log, m.endedByItself)
	r.changed = func(e event.WorkflowChanged) { m.events.Publish(e) }
	m.starts++
	m.running[w.Name] = &managed{r, m.starts, w.FromReactor}
	m.log.Info().Str("request_id", requestID).Str("workflow_name", w.Name).Msg("workflow is being started")
	r.updateOffLoop(requestID, w)
	go r.loop()
	m.events.Publish(event.WorkflowStarted{Name: w.Name, Inbox: r})
	return true, nil
}

// Stop ends a workflow. It waits until the steps are closed, so that another workflow can have at once what they held;
// when that takes longer than 5 s, it is logged and no longer waited for. A name that nobody knows is only logged.
func (m *Manager) Stop(ctx context.Context, requestID, name string) error {
	return m.stop(ctx, requestID, name, false)
}

// stop is Stop, or leaves the operator's workflows alone.
func (m *Manager) stop(ctx context.Context, requestID, name string, onlyReactors bool) error {
	if err := m.lockWhenFree(ctx, name); err != nil {
		return err
	}
	known := m.running[name]
	if known == nil || onlyReactors && !known.fromReactor {
		m.mu.Unlock()
		m.log.Info().Str("request_id", requestID).Str("workflow_name", name).Msg("no such workflow to stop")
		return nil
	}
	over := m.forgetLocked(known.runner)
	known.runner.stopOffLoop(requestID)
	m.mu.Unlock()
	return wait(ctx, over)
}

// List returns the names of all workflows in ascending order.
func (m *Manager) List(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.running)), nil
}

// Details returns the state of a workflow, or ErrNotFound.
func (m *Manager) Details(ctx context.Context, name string) (Details, error) {
	m.mu.Lock()
	known := m.running[name]
	m.mu.Unlock()
	answer := make(chan Details, 1)
	if known == nil || !known.runner.detailsOffLoop(answer) {
		return Details{}, ErrNotFound
	}
	select {
	case d := <-answer:
		return d, nil
	case <-known.runner.done:
		return Details{}, ErrNotFound
	case <-ctx.Done():
		return Details{}, ctx.Err()
	}
}

// Close stops all workflows one after the other, the last started first, and refuses to start others. When ctx ends,
// the remaining ones are told to stop but not waited for, and the error says so.
func (m *Manager) Close(ctx context.Context) error {
	m.mu.Lock()
	m.closed = true
	order := slices.SortedFunc(maps.Values(m.running), func(a, b *managed) int { return cmp.Compare(b.order, a.order) })
	m.mu.Unlock()

	for _, w := range order {
		m.mu.Lock()
		over := m.forgetLocked(w.runner)
		w.runner.stopOffLoop("shutdown")
		m.mu.Unlock()
		_ = wait(ctx, over) // once ctx has ended, the others are told all the same
	}
	for {
		over := m.anyEnding()
		if over == nil {
			return nil
		}
		if err := wait(ctx, over); err != nil {
			return err
		}
	}
}

func (m *Manager) anyEnding() chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, over := range m.ending {
		return over
	}
	return nil
}

// lockWhenFree locks m at a moment when the name is not being stopped. With an error m is not locked.
func (m *Manager) lockWhenFree(ctx context.Context, name string) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.mu.Lock()
		over, busy := m.ending[name]
		switch {
		case m.closed:
			m.mu.Unlock()
			return ErrClosed
		case !busy:
			return nil
		}
		m.mu.Unlock()
		if err := wait(ctx, over); err != nil {
			return err
		}
	}
}

// forgetLocked takes a workflow out of the table and announces its end, if that has not been done. The channel that it
// returns is closed when the runner has ended, or has been waited for long enough.
func (m *Manager) forgetLocked(r *runner) <-chan struct{} {
	if known := m.running[r.name]; known == nil || known.runner != r {
		return r.done
	}
	over := make(chan struct{})
	delete(m.running, r.name)
	m.ending[r.name] = over
	m.events.Publish(event.WorkflowEnded{Name: r.name, Inbox: r})
	go m.awaitEnd(r, over)
	return over
}

func (m *Manager) awaitEnd(r *runner, over chan struct{}) {
	patience := time.NewTimer(stopWait)
	defer patience.Stop()
	select {
	case <-r.done:
	case <-patience.C:
		r.log.Warn().Dur("waited_ms", stopWait).Msg("workflow does not end, one of its steps hangs")
	}
	m.mu.Lock()
	delete(m.ending, r.name)
	m.mu.Unlock()
	close(over)
}

// endedByItself is called by every runner at its end. One that was stopped has been forgotten before; it is the
// instance that counts, for the name may belong to another one by now.
func (m *Manager) endedByItself(r *runner) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loseLocked(r)
}

func (m *Manager) loseLocked(r *runner) {
	if known := m.running[r.name]; known == nil || known.runner != r {
		return
	}
	r.log.Warn().Msg("workflow ended by itself")
	m.forgetLocked(r)
}

func wait(ctx context.Context, over <-chan struct{}) error {
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
