package tcp

import (
	"time"

	"mmids/engine/panics"
)

// tick calls every loop's handlers once a tickInterval.
func (m *Manager) tick() {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		select {
		case <-m.done:
			return
		case <-ticker.C:
			panics.Contain(m.config.Log, "panic in the ticker", func() { m.enrolled.sweep(false); m.rates.sample(m) })
			for _, l := range m.loops {
				l.Do(l.tickCall)
			}
		}
	}
}
