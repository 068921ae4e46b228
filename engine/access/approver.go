package access

// ReasonLate is what a client is told whose approver has not answered in time.
const ReasonLate = "Nobody has said in time whether this is allowed; try again."

// Applicant is a client that wants to publish or play.
type Applicant struct {
	ConnectionID string
	App, Key     string
	Query        string // what followed '?' in the stream key or the URL; may hold secrets
	ClientIP     string
	Publishes    bool // otherwise it wants to play
}

// Approver is asked whether a client may do what it wants. It is called on the client's event loop and must not block.
//
// Answers go to update, from any goroutine: the first one decides; a later one that is not valid ends the client. reason
// is for the client. The function that Approve returns is called once, when the client has gone and no answer matters
// any more.
//
// An endpoint refuses a client that has waited for its answer for too long, with ReasonLate.
type Approver func(a Applicant, update func(valid bool, reason string)) (release func())
