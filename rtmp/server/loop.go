package server

import "mmids/engine/media"

// loopState is what the endpoint keeps for an event loop. Only that loop touches it.
type loopState struct {
	batch      []media.Notification // scratch, for what one read brings
	hello      []byte               // scratch, for handshakes
	selection  scratch
	publishers int
}

// onLoop returns what is kept for the connection's loop. Loop only.
func (c *conn) onLoop() *loopState { return &c.server.loops[c.tcp.Loop().Index()] }
