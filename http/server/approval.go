package server

import (
	"net/http"
	"time"

	"mmids/engine/access"
	"mmids/engine/limits"
)

// approval is the say of an approver in what a connection does.
type approval struct {
	release func()
	asked   time.Time
	decided bool
}

// ask asks the approver of what is wanted.
func (c *conn) ask(query string) {
	a := &approval{asked: time.Now()}
	c.approval = a
	w := c.wanted
	update := func(valid bool, reason string) {
		c.tcp.Do(func() { c.answered(a, valid, reason) })
	}
	a.release = w.registration.request.Approve(access.Applicant{
		ConnectionID: c.tcp.ID(), App: w.app, Key: w.key, Query: query, ClientIP: c.tcp.Remote().Addr().String(),
	}, update)
}

// answered takes an answer of the approver, unless the client has stopped waiting.
func (c *conn) answered(a *approval, valid bool, reason string) {
	if c.approval != a || c.tcp.Closing() {
		return
	}
	switch {
	case !a.decided && valid:
		a.decided = true
		c.show()
	case !a.decided:
		c.endApproval()
		c.refuse(c.wanted, &refusal{http.StatusForbidden, reason, ""})
	case !valid:
		c.end(closePolicy, reason)
	}
}

// tickApproval refuses a client whose approver does not answer.
func (c *conn) tickApproval(now time.Time) {
	if c.approval.decided || c.tcp.Closing() || now.Sub(c.approval.asked) <= c.server.config.ApprovalTimeout {
		return
	}
	c.server.config.Limits.Exceeded(limits.ApprovalTimeout)
	c.endApproval()
	c.refuse(c.wanted, &refusal{http.StatusServiceUnavailable, access.ReasonLate, retryLater})
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
