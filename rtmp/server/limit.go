package server

import (
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"mmids/amf"
	"mmids/engine/limits"
	"mmids/rtmp/chunk"
	"mmids/rtmp/session"
)

// errUnaccepted ends a client that sends and sends, and does nothing that it was accepted for.
var errUnaccepted = errors.New("too many bytes from a client that does not publish")

// limitErrors says which limit was exceeded when a client fails with an error.
var limitErrors = []struct {
	err   error
	limit limits.Limit
}{
	{session.ErrCommands, limits.CommandsPerSecond},
	{errUnaccepted, limits.UnacceptedBytes},
	{chunk.ErrMessageTooLarge, limits.MessageBytes},
	{chunk.ErrPartialBytes, limits.PartialMessageBytes},
	{chunk.ErrTooManyChunkStreams, limits.ChunkStreams},
	{chunk.ErrChunkSize, limits.ChunkSize},
	{amf.ErrTooDeep, limits.AMFDepth},
	{amf.ErrTooManyNodes, limits.AMFValues},
	{amf.ErrTooManyBytes, limits.AMFBytes},
	{errScriptTooLong, limits.MetadataBytes},
	{errNoHandshake, limits.HandshakeTimeout},
	{errNoConnect, limits.ConnectTimeout},
	{errNoRequest, limits.FirstRequestTimeout},
	{errIdle, limits.IdleTimeout},
	{errSilent, limits.PublishTimeout},
	{errStalled, limits.ViewerTimeout},
}

// countLimit counts an error that is about a limit, and reports whether it is.
func (c *conn) countLimit(err error) (limits.Limit, bool) {
	for _, e := range limitErrors {
		if errors.Is(err, e.err) {
			c.server.config.Limits.Exceeded(e.limit)
			return e.limit, true
		}
	}
	return 0, false
}

// endByLimit ends a client that wants more than a limit allows, and tells it. It reports false, and does nothing, if the error
// is about something else.
func (c *conn) endByLimit(err error) bool {
	limit, ok := c.countLimit(err)
	if ok {
		c.complain(zerolog.WarnLevel).Stringer("limit", limit).Err(err).Msg("client exceeds a limit and is ended")
		c.end(err.Error())
	}
	return ok
}

// closeByLimit closes the connection of a client that there is no use in telling anything.
func (c *conn) closeByLimit(err error) {
	c.countLimit(err)
	c.tcp.Close(err)
}

// checkUnaccepted bounds what a client may send that does not publish, given how many bytes have come from it.
func (c *conn) checkUnaccepted(read uint64) error {
	bound := c.server.config.UnacceptedBytesMax
	if c.publishing != nil || read-c.granted <= uint64(bound) {
		return nil
	}
	return fmt.Errorf("%w: %d are accepted", errUnaccepted, bound)
}

// readerLimits are those of a client that has not been accepted.
func (s *Server) readerLimits() chunk.Limits {
	l := s.config.Chunk
	l.PartialBytesMax = min(l.PartialBytesMax, s.config.UnacceptedBytesMax)
	return l
}
