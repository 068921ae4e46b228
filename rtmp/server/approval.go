package server

import (
	"time"

	"mmids/engine/access"
	"mmids/engine/limits"
)

// approval is the say of an approver in what a connection does, and what follows from it.
type approval struct {
	*access.Approval
	granted func()
	refused func(reason string)
}

// ask asks the approver of a registration. granted and refused are called on the loop.
func (c *conn) ask(r *Registration, key, query string, publishes bool, granted func(), refused func(reason string)) {
	c.approval = &approval{access.Ask(r.request.Approve, access.Applicant{
		ConnectionID: c.tcp.ID(), App: c.app, Key: key, Query: query,
		ClientIP: c.tcp.Remote().Addr().String(), Publishes: publishes,
	}, time.Now(), func(a *access.Approval, valid bool, reason string) {
		c.tcp.Do(func() { c.answered(a, valid, reason) })
	}), granted, refused}
}

// answered takes an answer of the approver, unless the client has stopped waiting.
func (c *conn) answered(a *access.Approval, valid bool, reason string) {
	if c.approval == nil || c.approval.Approval != a || c.tcp.Closing() {
		return
	}
	switch a.Take(valid) {
	case access.Granted:
		c.approval.granted()
	case access.Refused:
		refused := c.approval.refused
		c.endApproval()
		refused(reason)
	case access.Withdrawn:
		c.end(reason)
	}
	c.deliver()
	c.flush()
}

// tickApproval refuses a client whose approver does not answer.
func (c *conn) tickApproval(now time.Time) {
	if !c.approval.Late(now, c.server.config.ApprovalTimeout) || c.tcp.Closing() {
		return
	}
	c.server.config.Limits.Exceeded(limits.ApprovalTimeout)
	c.answered(c.approval.Approval, false, access.ReasonLate)
}

// endApproval ends the approval, if there is one.
func (c *conn) endApproval() {
	if a := c.approval; a != nil {
		c.approval = nil
		a.End()
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
