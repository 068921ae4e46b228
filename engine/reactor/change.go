package reactor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"mmids/engine/config"
)

// ErrNotFound is the answer to a change of a reactor that does not exist.
var ErrNotFound = errors.New("reactor not found")

// Definitions returns what the reactors are, in the order of their names.
func (m *Manager) Definitions() []config.Reactor {
	m.mu.Lock()
	defer m.mu.Unlock()
	definitions := make([]config.Reactor, 0, len(m.defined))
	for _, name := range slices.Sorted(maps.Keys(m.defined)) {
		definitions = append(definitions, m.defined[name])
	}
	return definitions
}

// Change gives the reactor of that name another definition. Its answers stay, and with them streams and workflows, until
// each stream's next question, which is asked in the new way. An error is ErrClosed, ErrNotFound, or a config.Errors with
// all mistakes; then the reactor is as it was.
func (m *Manager) Change(d config.Reactor) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.reactors[d.Name]
	switch {
	case m.closed:
		return ErrClosed
	case r == nil:
		return fmt.Errorf("%w: %s", ErrNotFound, shown(d.Name))
	}
	executor, err := m.executors.create(d, r.refusals)
	if err != nil {
		return err
	}
	m.defined[d.Name] = d
	r.inbox.post(func() { r.change(&way{executor: executor, interval: d.UpdateInterval}) })
	r.log.Info().Str("executor", d.Executor).Dur("update_interval_ms", d.UpdateInterval).Msg("reactor changed")
	return nil
}

// Remove ends a reactor: its streams are not valid any more, and its workflows are stopped. It returns when the questions
// under way have been cancelled, or when ctx ends. A name that nobody knows is no error.
func (m *Manager) Remove(ctx context.Context, name string) error {
	m.mu.Lock()
	r := m.reactors[name]
	if r == nil || m.closed {
		m.mu.Unlock()
		return nil
	}
	delete(m.reactors, name)
	delete(m.defined, name)
	m.mu.Unlock()

	r.inbox.post(func() { r.farewell = Answer{Reason: reasonNoReactor} })
	r.inbox.close()
	r.log.Info().Msg("reactor removed")
	return wait(ctx, r.done)
}
