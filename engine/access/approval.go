package access

import "time"

// Approval is an approver's say in what a client does. Its methods are for the client's event loop.
type Approval struct {
	release func()
	asked   time.Time
	granted bool
}

// Verdict is what an answer of an approver means for the client.
type Verdict int

const (
	Unchanged Verdict = iota // it stays as it was
	Granted                  // it may go on
	Refused                  // it may not
	Withdrawn                // it may no longer
)

// Ask asks an approver about a client at a time. answer is called for each answer, from any goroutine, perhaps before Ask
// returns: it brings the answer to the client's event loop, for Take.
func Ask(approve Approver, a Applicant, now time.Time, answer func(a *Approval, valid bool, reason string)) *Approval {
	approval := &Approval{asked: now}
	approval.release = approve(a, func(valid bool, reason string) { answer(approval, valid, reason) })
	return approval
}

// Take takes an answer.
func (a *Approval) Take(valid bool) Verdict {
	switch {
	case a.granted && valid:
		return Unchanged
	case a.granted:
		return Withdrawn
	case valid:
		a.granted = true
		return Granted
	}
	return Refused
}

// Late reports whether the client has waited for longer than a timeout, and still does.
func (a *Approval) Late(now time.Time, timeout time.Duration) bool {
	return !a.granted && now.Sub(a.asked) > timeout
}

// End tells the approver that nothing depends on it any more. It is called once.
func (a *Approval) End() { a.release() }
