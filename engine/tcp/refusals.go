package tcp

import (
	"net/netip"
	"time"
)

// refusals counts connections that were turned away. Guarded by Manager.mu.
type refusals struct {
	total    uint64
	unlogged uint64
	logged   time.Time
}

// refusalLogPause is the least time between two log lines about connections that were turned away: they come by
// the thousand, at a time when the machine has better things to do.
const refusalLogPause = time.Second

// TurnedAway returns how many connections were closed right after they had been accepted, because of a limit or for
// want of descriptors. Any goroutine.
func (m *Manager) TurnedAway() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused.total
}

func (m *Manager) turnedAway(p *Port, from netip.Addr, why error) {
	now := time.Now()
	m.mu.Lock()
	m.refused.total++
	m.refused.unlogged++
	n := m.refused.unlogged
	quiet := now.Sub(m.refused.logged) < refusalLogPause
	if !quiet {
		m.refused.unlogged, m.refused.logged = 0, now
	}
	m.mu.Unlock()
	if !quiet {
		p.log.Warn().Err(why).Stringer("ip", from).Uint64("connections", n).Msg("connections turned away")
	}
}
