package tcp

import (
	"time"

	"mmids/engine/panics"
)

// A loop that waits in epoll for more than 10 ms loses its processor slot to Go's monitor thread, and a process whose
// slots are all idle sends that thread to sleep. After either, the monitor looks around every 20 µs for a millisecond.
// One stream of 30 frames/s causes both over and over: the monitor took 55 of the 91 ms of CPU per second that a server
// with 100 viewers needed. So loops that have something to do now and then are woken before it comes to that, which
// costs 4 ms.
const (
	awakeInterval = 8 * time.Millisecond

	// awakeEvents is how many events in a tickInterval make a loop one that is worth it.
	awakeEvents = 10
)

// awake is what the manager's ticker knows of a loop.
type awake struct {
	events uint64 // Loop.events at the last tick
	active bool
}

// judge says, at each tick, whether the loop is to be kept awake until the next.
func (a *awake) judge(events uint64) bool {
	a.active = events-a.events >= awakeEvents
	a.events = events
	return a.active
}

// tick calls every loop's handlers once a tickInterval, and keeps loops awake in between.
func (m *Manager) tick() {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	waker := time.NewTicker(awakeInterval)
	defer waker.Stop()
	waker.Stop() // until there is something to do
	loops := make([]awake, len(m.loops))
	for {
		select {
		case <-m.done:
			return
		case <-waker.C:
			for i, l := range m.loops {
				if loops[i].active {
					l.kick()
				}
			}
		case <-ticker.C:
			panics.Contain(m.config.Log, "panic in the ticker", func() { m.enrolled.sweep(false) })
			active := false
			for i, l := range m.loops {
				active = loops[i].judge(l.events.Load()) || active
				l.Do(l.tickCall)
			}
			if active {
				waker.Reset(awakeInterval)
			} else {
				waker.Stop()
			}
		}
	}
}
