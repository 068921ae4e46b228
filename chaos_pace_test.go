package main

import (
	"context"
	"sync"
	"time"

	"mmids/bench/measure"
)

// pace spreads the sessions of an attack over time: at a rate, which can be made to follow how busy the machine is.
type pace struct {
	wanted float64 // share of all CPUs that is to be busy; 0 leaves the rate as it is

	mu   sync.Mutex
	rate float64 // sessions per second
	next time.Time
	read time.Time // when the machine was looked at
	busy time.Duration
}

const (
	paceRate           = 150
	paceMin, paceMax   = 10, 5000
	paceLooks          = time.Second
	paceSlower, faster = 0.7, 1.4 // how much the rate may change with one look
)

func newPace(wanted float64) *pace { return &pace{wanted: wanted, rate: paceRate} }

// wait waits for the turn of a session. It reports false when the attack is over.
func (p *pace) wait(ctx context.Context) bool {
	p.mu.Lock()
	now := time.Now()
	p.look(now)
	p.next = p.next.Add(time.Duration(float64(time.Second) / p.rate))
	if p.next.Before(now) { // nothing is made up for
		p.next = now
	}
	wait := time.NewTimer(p.next.Sub(now))
	p.mu.Unlock()
	defer wait.Stop()
	select {
	case <-wait.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// look adapts the rate to what the machine has done since the last look.
func (p *pace) look(now time.Time) {
	if p.wanted == 0 || now.Sub(p.read) < paceLooks {
		return
	}
	m, err := measure.ReadMachine()
	if err != nil {
		return
	}
	if !p.read.IsZero() {
		share := (m.Busy - p.busy).Seconds() / now.Sub(p.read).Seconds() / float64(cpus())
		change := min(max(p.wanted/max(share, 0.01), paceSlower), faster)
		p.rate = min(max(p.rate*change, paceMin), paceMax)
	}
	p.read, p.busy = now, m.Busy
}
