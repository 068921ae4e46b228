package workflow

import "context"

// ask has a workflow's loop answer a question and waits for it. The error is ErrNotFound, also when the workflow ends
// meanwhile, or ctx's.
func ask[T any](ctx context.Context, m *Manager, name string, question func(*runner) T) (T, error) {
	var none T
	m.mu.Lock()
	known := m.running[name]
	m.mu.Unlock()
	answer := make(chan T, 1)
	if known == nil || !known.runner.inbox.control(func() { answer <- question(known.runner) }) {
		return none, ErrNotFound
	}
	select {
	case a := <-answer:
		return a, nil
	case <-known.runner.done:
		return none, ErrNotFound
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
