package reactor

import "slices"

// Kind says what is to become of the stream that is asked about.
type Kind string

const (
	// Publish: a client wants to publish it.
	Publish Kind = "publish"
	// Play: a client wants to watch it.
	Play Kind = "play"
	// Stream: it is live, and a step wants to know which workflows get it.
	Stream Kind = "stream"
)

// Query is what the outside service is asked.
type Query struct {
	// StreamName is what the question is about, for RTMP the stream key.
	StreamName string
	// Query is what stood behind the "?" of the client's address. It may be empty, as all fields below.
	Query string
	// ClientIP is the client's address, without a port.
	ClientIP string
	// App is the RTMP app that the client has connected to.
	App  string
	Kind Kind
}

// Answer is what an asker hears.
type Answer struct {
	// Valid says that the stream may be.
	Valid bool
	// Routable are the names of the workflows that the stream is to be sent to, in the order of the outside answer.
	// Askers share the slice and must not change it.
	Routable []string
	// Reason says why the answer is not valid. It is made for clients and holds no address and no secret.
	Reason string
	// Ended says that the reactor has gone. It is the last answer, and not valid.
	Ended bool
}

func (a Answer) equal(b Answer) bool {
	return a.Valid == b.Valid && a.Reason == b.Reason && a.Ended == b.Ended && slices.Equal(a.Routable, b.Routable)
}

// What clients are told when the answer is not valid.
const (
	reasonNotValid    = "the stream is not allowed"
	reasonUnreachable = "it could not be found out whether the stream is allowed"
	reasonNoReactor   = "the server is not set up to find out whether the stream is allowed"
	reasonNoRoom      = "the server has no room for the workflows of the stream"
	reasonEnded       = "the server is being stopped"
)
