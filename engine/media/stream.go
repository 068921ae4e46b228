package media

import "github.com/google/uuid"

// StreamID names one live feed from its source to the last step that handles it, also when it leaves the
// server for an outside transcoder and comes back. It is opaque text.
type StreamID string

// NewStreamID returns a fresh random id (UUID version 4).
func NewStreamID() StreamID { return StreamID(uuid.NewString()) }

// Source says where a stream comes from. It is immutable and shared.
type Source struct {
	ConnectionID string // the connection that publishes, as in the log
	App          string // RTMP application
	Query        string // what followed '?' in the stream key, without the '?'; may hold secrets
	ClientIP     string

	// Trail names the workflows that the stream has been forwarded from, so that it never comes back to one.
	Trail []string
}
