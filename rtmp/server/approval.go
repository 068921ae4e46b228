package server

import (
	"time"

	"mmids/engine/access"
	"mmids/engine/limits"
)

// approval is the say of an approver in what a connection does.
type approval struct {
	release func()
	refused func(reason string)
	asked   time.Time
	decided bool
}

// ask asks the approver of a registration. granted and refused are called on the loop.
func (c *conn) ask(r *Registration, key, query string, publishes bool, granted func(), refused func(reason string)) {
	a := &approval{refused: refused, asked: time.Now()}
	c.approval = a
	update := func(valid bool, reason string) {
		c.tcp.Do(func() { c.answered(a, valid, reason, granted) })
	}
	a.release = r.request.Approve(access.Applicant{
		ConnectionID: c.tcp.ID(), App: c.app, Key: key, Query: query,
		ClientIP: c.tcp.Remote().Addr().String(), Publishes: publishes,
	}, update)
}

// answered takes an answer of the approver, unless the client has stopped waiting.
func (c *conn) answered(a *approval, valid bool, reason string, granted func()) {
	if c.approval != a || c.tcp.Closing() {
		return
	}
	switch {
	case !a.decided && valid:
		a.decided = true
		granted()
	case !a.decided:
		c.endApproval()
		a.refused(reason)
	case !valid:
		c.end(reason)
	}
	c.deliver()
	c.flush()
}

// tickApproval refuses a client whose approver does not answer.
func (c *conn) tickApproval(now time.Time) {
	a := c.approval
	if a.decided || now.Sub(a.asked) <= c.server.config.ApprovalTimeout || c.tcp.Closing() {
		return
	}
	c.server.config.Limits.Exceeded(limits.ApprovalTimeout)
	c.answered(a, false, access.ReasonLate, nil)
}

// endApproval tells the approver that nothing depends on it any more.
func (c *conn) endApproval() {
	if a := c.approval; a != nil {
		c.approval = nil
		if a.release != nil { // else the approver panicked when it was asked
			a.release()
		}
	}
}

// end ends the client with a reason that it is told.
func (c *conn) end(reason string) {
	c.ended = endedError(reason)
	c.session.End(reason)
	c.flush()
}

// endedError is the reason with which the server ended a connection.
type endedError string

func (e endedError) Error() string { return string(e) }
