package server

import (
	"net/http"
	"time"

	"mmids/engine/access"
	"mmids/engine/limits"
)

// ask asks the approver of what is wanted.
func (c *conn) ask(query string) {
	w := c.wanted
	c.approval = access.Ask(w.registration.request.Approve, access.Applicant{
		ConnectionID: c.tcp.ID(), App: w.app, Key: w.key, Query: query, ClientIP: c.tcp.Remote().Addr().String(),
	}, time.Now(), func(a *access.Approval, valid bool, reason string) {
		c.tcp.Do(func() { c.answered(a, valid, reason) })
	})
}

// answered takes an answer of the approver, unless the client has stopped waiting.
func (c *conn) answered(a *access.Approval, valid bool, reason string) {
	if c.approval != a || c.tcp.Closing() {
		return
	}
	switch a.Take(valid) {
	case access.Granted:
		c.show()
	case access.Refused:
		c.endApproval()
		c.refuse(c.wanted, &refusal{http.StatusForbidden, reason, ""})
	case access.Withdrawn:
		c.end(closePolicy, reason)
	}
}

// tickApproval refuses a client whose approver does not answer.
func (c *conn) tickApproval(now time.Time) {
	if !c.approval.Late(now, c.server.config.ApprovalTimeout) || c.tcp.Closing() {
		return
	}
	c.server.config.Limits.Exceeded(limits.ApprovalTimeout)
	c.endApproval()
	c.refuse(c.wanted, &refusal{http.StatusServiceUnavailable, access.ReasonLate, retryLater})
}

// endApproval ends the approval, if there is one.
func (c *conn) endApproval() {
	if a := c.approval; a != nil {
		c.approval = nil
		a.End()
	}
}
