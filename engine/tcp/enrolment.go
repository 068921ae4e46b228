package tcp

import (
	"errors"
	"fmt"
	"sync"

	"github.com/panjf2000/gnet/v2"

	"mmids/engine/limits"
)

// enrolments are the connections on their way to their loops. That nearly all of them arrive is known when their handler
// is made; what this is for is to take back the count of those that never do, for want of a descriptor for instance. There
// is no hurry with that, and a goroutine that waited for each one would wake up three times per connection.
type enrolments struct {
	mu   sync.Mutex
	list []enrolment
}

type enrolment struct {
	conn   *Conn
	opened <-chan gnet.RegisteredResult // one result, and closed when gnet has closed the descriptor that it does not need
}

// add takes a connection in. The one who accepts waits when there are too many, and the kernel's backlog takes over.
func (e *enrolments) add(c *Conn, opened <-chan gnet.RegisteredResult) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, enrolment{c, opened})
	if len(e.list)%enrolmentsSweep == 0 {
		e.sweepLocked(len(e.list) >= enrolmentsMax)
	}
}

// sweep deals with those that have arrived or failed, or waits until all have.
func (e *enrolments) sweep(wait bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sweepLocked(wait)
}

func (e *enrolments) sweepLocked(wait bool) {
	rest := e.list[:0]
	for _, one := range e.list {
		if !one.settled(wait) {
			rest = append(rest, one)
		}
	}
	clear(e.list[len(rest):])
	e.list = rest
}

// settled reports whether it is known what has become of a connection, and counts it off if it has failed.
func (e *enrolment) settled(wait bool) bool {
	if !wait && len(e.opened) == 0 {
		return false
	}
	r := <-e.opened
	<-e.opened
	switch {
	case r.Err != nil:
		e.conn.notEnrolled(r.Err)
	case e.conn.gnet == nil: // gnet keeps it to itself when a loop cannot watch the socket
		e.conn.notEnrolled(errNotWatched)
	}
	return true
}

var errNotWatched = errors.New("the socket cannot be watched")

func (c *Conn) notEnrolled(err error) {
	c.forget()
	c.loop.announced.Add(-1)
	c.loop.kick()
	c.config.Limits.Exceeded(limits.Descriptors)
	c.port.turnedAway(c.remote.Addr(), fmt.Errorf("event loop: %w", err))
}
