package tcp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"mmids/engine/figures"
)

// traffic counts a loop's bytes. What others see is renewed with each tick, so that counting costs an addition.
type traffic struct {
	received, sent           uint64 // loop only
	knownReceived, knownSent atomic.Uint64
}

func (t *traffic) publish() {
	t.knownReceived.Store(t.received)
	t.knownSent.Store(t.sent)
}

// Traffic is what went through the sockets of all connections, or of a loop: with TLS more than what was said. It is as of
// the last tick, at most a second ago.
type Traffic struct {
	Received, Sent uint64 // bytes since the start
}

// Traffic returns the loop's. Any goroutine.
func (l *Loop) Traffic() Traffic {
	return Traffic{l.traffic.knownReceived.Load(), l.traffic.knownSent.Load()}
}

// Connections is how many connections the loop has. Any goroutine.
func (l *Loop) Connections() int { return int(l.load.Load()) }

// Traffic returns that of all loops.
func (m *Manager) Traffic() (all Traffic) {
	for _, l := range m.loops {
		t := l.Traffic()
		all.Received += t.Received
		all.Sent += t.Sent
	}
	return all
}

// Admitted returns how many connections there have been.
func (m *Manager) Admitted() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.admitted
}

// rates are how fast the traffic of all loops grows.
type rates struct {
	mu             sync.Mutex
	received, sent figures.Rate
	in, out        float64 // bytes per second
}

func (r *rates) sample(m *Manager) {
	now, all := time.Now(), m.Traffic()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.in, r.out = r.received.Sample(now, all.Received), r.sent.Sample(now, all.Sent)
}

// Rates returns the bytes per second of the last few seconds, over all loops.
func (m *Manager) Rates() (in, out float64) {
	m.rates.mu.Lock()
	defer m.rates.mu.Unlock()
	return m.rates.in, m.rates.out
}

// Visit calls f with every connection, in no order, on the loop of each, until f returns false or ctx ends. It waits for
// one loop after the other. f must not block.
func (m *Manager) Visit(ctx context.Context, f func(*Conn) bool) {
	for _, l := range m.loops {
		more := make(chan bool, 1)
		left := &visitor{f: f}
		if !l.Do(func() { more <- left.visit(l) }) {
			continue
		}
		select {
		case goOn := <-more:
			if !goOn {
				return
			}
		case <-ctx.Done():
			left.end() // f is not called any more once Visit has returned
			return
		}
	}
}

// visitor calls f on a loop, until it is told to end.
type visitor struct {
	mu    sync.Mutex
	ended bool
	f     func(*Conn) bool
}

func (v *visitor) visit(l *Loop) (more bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for c := range l.conns {
		if v.ended || !v.f(c) {
			return false
		}
	}
	return true
}

func (v *visitor) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
}
