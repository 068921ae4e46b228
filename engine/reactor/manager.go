package reactor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/limits"
)

// ErrClosed is what a closed manager answers.
var ErrClosed = errors.New("the reactor manager is closed")

// hub is all that a manager needs of the event hub.
type hub interface {
	Subscribe(t event.Topic, f func(event.Event)) *event.Subscription
}

// Manager holds the reactors. All methods may be called from any goroutine. Names are case-sensitive.
type Manager struct {
	executors    *Executors
	workflows    *workflows
	subscription *event.Subscription
	limits       Limits
	lines        *limits.Lines // about streams that are not allowed, which strangers can ask for
	news         figures.News
	log          zerolog.Logger

	mu       sync.Mutex
	reactors map[string]*reactor
	defined  map[string]config.Reactor
	closed   bool
}

// NewManager returns a manager without reactors. It learns from the hub who runs workflows; until then they wait. The
// executors must be complete.
func NewManager(executors *Executors, events hub, log zerolog.Logger) *Manager {
	m := &Manager{
		executors: executors,
		workflows: newWorkflows(log),
		news:      figures.Nobody{},
		log:       log,
		reactors:  make(map[string]*reactor),
		defined:   make(map[string]config.Reactor),
	}
	m.Limit(Limits{})
	m.subscription = events.Subscribe(event.Managers, func(e event.Event) {
		if registered, ok := e.(event.ManagerRegistered); ok {
			m.workflows.managedBy(registered.Manager)
		}
	})
	return m
}

// Limits are what an operator can choose for the reactors. The zero value means the defaults.
type Limits struct {
	// WorkflowsMax bounds the workflows that one reactor has made for all its streams. An answer with more is as good as
	// none. Zero means 10,000.
	WorkflowsMax int

	// RefusalLinesMax bounds the log lines in a second about streams that are not valid. Zero means 10.
	RefusalLinesMax int

	// Counters count what was refused; may be nil.
	Counters *limits.Counters
}

// Limit sets the limits, before there is a reactor.
func (m *Manager) Limit(l Limits) {
	if l.WorkflowsMax <= 0 {
		l.WorkflowsMax = workflowsMax
	}
	m.limits = l
	m.lines = limits.NewLines(limits.RefusalLines, l.RefusalLinesMax, l.Counters, func(leftOut uint64) {
		m.log.Warn().Uint64("lines", leftOut).Msg("further lines about streams that reactors do not allow were left out")
	})
}

// workflowsMax is the default of Limits.WorkflowsMax.
const workflowsMax = 10_000

// Check returns every mistake in the definition of a reactor, without creating it.
func (m *Manager) Check(d config.Reactor) []config.Mistake { return m.executors.Check(d) }

// Create starts a reactor. An error is ErrClosed, or a config.Errors with all mistakes in the definition.
func (m *Manager) Create(d config.Reactor) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if _, taken := m.reactors[d.Name]; taken {
		message := fmt.Sprintf("there is a reactor %s already", shown(d.Name))
		return config.Errors{{ID: config.IDReactorTwice, Pos: d.Pos, Message: message, Hint: "give one of them another name"}}
	}
	log := m.log.With().Str("reactor_name", d.Name).Logger()
	executor, err := m.executors.create(d, log.Sample(m.lines))
	if err != nil {
		return err
	}
	m.defined[d.Name] = d
	m.reactors[d.Name] = startReactor(d, executor, m.workflows, m.limits, m.news, log, log.Sample(m.lines))
	log.Info().Str("executor", d.Executor).Dur("update_interval_ms", d.UpdateInterval).Msg("reactor started")
	return nil
}

// Ask begins an interest in a stream name. f is called with the first answer as soon as there is one, and again whenever
// the answer changes, until the interest is closed: one call after the other, never from within Ask, on a goroutine that
// serves others too, so f must not block. An answer that is not valid does not end the interest.
//
// If there is no such reactor, the only answer is not valid. If the manager is closed, it is Ended.
func (m *Manager) Ask(reactor string, q Query, f func(Answer)) *Interest {
	m.mu.Lock()
	r, closed := m.reactors[reactor], m.closed
	m.mu.Unlock()
	i := &Interest{query: q, call: f, reactor: r, log: m.log}
	switch {
	case r != nil && r.inbox.post(func() { r.ask(i) }):
	case r != nil || closed:
		go i.tell(ended)
	default:
		refusals := m.log.Sample(m.lines)
		refusals.Warn().Str("reactor_name", reactor).Str("stream_name", q.StreamName).
			Msg("a reactor is asked that does not exist, the stream is not valid")
		go i.tell(Answer{Reason: reasonNoReactor})
	}
	return i
}

// Stats counts what a reactor does. All but Streams only grow.
type Stats struct {
	Reactor         string
	Streams         int64  // stream names that somebody is interested in
	Questions       uint64 // how often the executor was run
	FailedQuestions uint64 // first questions that failed, so that the stream was not valid
	FailedRefreshes uint64 // repeated questions that failed, which changed nothing
	Executor        string
	Times           figures.Times // of questions that have ended
}

// Stats returns the numbers of all reactors, in the order of their names.
func (m *Manager) Stats() []Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	stats := make([]Stats, 0, len(m.reactors))
	for _, r := range m.reactors {
		stats = append(stats, r.stats())
	}
	slices.SortFunc(stats, func(a, b Stats) int { return cmp.Compare(a.Reactor, b.Reactor) })
	return stats
}

// Close ends all reactors: their askers get Ended, their questions are cancelled, their workflows stopped. It returns
// when all that is done. When ctx ends before, workflows may be left running, and the error says so.
func (m *Manager) Close(ctx context.Context) error {
	m.mu.Lock()
	m.closed = true
	reactors := make([]*reactor, 0, len(m.reactors))
	for _, r := range m.reactors {
		reactors = append(reactors, r)
	}
	m.mu.Unlock()

	m.subscription.Cancel()
	for _, r := range reactors {
		r.inbox.close()
	}
	for _, r := range reactors {
		if err := wait(ctx, r.done); err != nil {
			m.workflows.abandon()
			return fmt.Errorf("reactor %s does not end: %w", shown(r.name), err)
		}
	}
	m.lines.Close()
	m.workflows.close()
	if err := wait(ctx, m.workflows.done); err != nil {
		m.workflows.abandon()
		return fmt.Errorf("not all workflows of reactors have ended: %w", err)
	}
	return nil
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
