package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mmids/bench/result"
	"mmids/rtmp/client"
)

// churn has clients connect, play and leave at a fixed rate, however long the server takes.
type churn struct {
	connector *connector
	end       chan struct{}
	sessions  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	on      bool       // measuring
	number  int
	counted result.Churn
	took    []int32 // µs
	failure error   // the first
}

// churnOpen is how many sessions may be open; at more, the server or this program cannot keep up.
const churnOpen = 1000

// churnTick is how often those sessions are begun that are due.
const churnTick = 2 * time.Millisecond

func startChurn(ctx context.Context, c *connector) *churn {
	ch := &churn{connector: c, end: make(chan struct{}), counted: result.Churn{Offered: c.options.rate}}
	ch.sessions.Go(func() { ch.offer(ctx) })
	return ch
}

func (c *churn) offer(ctx context.Context) {
	slots := make(chan struct{}, churnOpen)
	tick := time.NewTicker(churnTick)
	defer tick.Stop()
	began, begun := time.Now(), 0
	for {
		select {
		case <-c.end:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for due := int(time.Since(began).Seconds() * c.connector.options.rate); begun < due; begun++ {
			select {
			case slots <- struct{}{}:
				c.sessions.Go(func() {
					defer func() { <-slots }()
					c.session(ctx)
				})
			default:
				c.count(func() { c.counted.Behind++ })
			}
		}
	}
}

// session is one client's.
func (c *churn) session(ctx context.Context) {
	c.mu.Lock()
	number := c.number
	c.number++
	c.mu.Unlock()
	began := time.Now()
	l, _, err := c.connector.converse(ctx, number%portsPerAddress, c.connector.options.target, 0, client.OpenPlay)
	took := time.Since(began)
	if err == nil {
		l.close()
	}
	c.count(func() {
		if err != nil {
			c.counted.Failed++
			if c.failure == nil {
				c.failure = fmt.Errorf("play: %w", err)
			}
			return
		}
		c.counted.Sessions++
		c.took = append(c.took, micros(took))
	})
}

// count counts what ends while measuring.
func (c *churn) count(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		f()
	}
}

// measure switches counting on or off.
func (c *churn) measure(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = on
}

// stop waits for the sessions that are open and returns what was counted.
func (c *churn) stop() (result.Churn, error) {
	close(c.end)
	c.sessions.Wait()
	c.counted.StartMS = result.SpreadOf(c.took)
	return c.counted, c.failure
}
