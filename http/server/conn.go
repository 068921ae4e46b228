package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/access"
	"mmids/engine/limits"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

// conn is one client. All of it belongs to the connection's loop.
type conn struct {
	server *Server
	port   *port
	tcp    *tcp.Conn

	opened   time.Time        // by the port
	received uint64           // bytes
	lately   int              // bytes behind the request since the last tick
	pings    int              // since the last tick
	client   string           // how it presents itself
	headOnly bool             // it asks for the head of an answer
	since    time.Time        // of the current stage: accepted by the port, or watching
	head     []byte           // of a request that is not complete
	wanted   *wanted          // nil until there is a request
	approval *access.Approval // of what follows, or is waited for
	watching *watching
	ended    error // why the server ended the connection, for the log
}

// wanted is what a client asks for.
type wanted struct {
	path         string // behind the prefix of all, without the ending
	registration *Registration
	app, key     string
	format       format
	accept       string // what a WebSocket handshake is answered with
}

var (
	errNoRequest   = errors.New("no request in time")
	errRequestSize = errors.New("the request is too large")
	errStalled     = errors.New("the viewer has not taken anything for too long")
	errTooMuch     = errors.New("the viewer sends too much")
	errPings       = errors.New("the viewer pings too often")
	errDone        = errors.New("answered")
)

// accept makes the handler of a new connection.
func (s *Server) accept(p *port, t *tcp.Conn) (handler tcp.Handler) {
	s.connected(p)
	defer func() {
		if handler == nil { // after a panic: nobody will hear of the connection's end
			s.disconnected(p)
		}
	}()
	now := time.Now()
	c := &conn{server: s, port: p, tcp: t, opened: now, since: now}
	c.describe(s.config.Log.Debug()).Bool("use_tls", p.tls).Msg("connection opened")
	return c
}

// describe adds the fields that tell the connection from others.
func (c *conn) describe(e *zerolog.Event) *zerolog.Event {
	if e == nil {
		return nil // the level is not logged
	}
	return c.describeWanted(c.tcp.Log(e))
}

func (c *conn) describeWanted(e *zerolog.Event) *zerolog.Event {
	if w := c.wanted; w != nil {
		e.Str("app", w.app).Str("stream_key", w.key).Stringer("format", w.format)
	}
	return e
}

// complain begins a line about something that a client can do any number of times. It is nil, and not written, when there
// were enough of them.
func (c *conn) complain(level zerolog.Level) *zerolog.Event {
	return c.describeWanted(c.tcp.Complain(&c.server.config.Log, level))
}

// Received implements tcp.Handler.
func (c *conn) Received(b []byte) error {
	c.received += uint64(len(b))
	if c.wanted != nil {
		return c.receivedMore(b)
	}
	if len(c.head) == 0 && !looksLikeRequest(b[0]) {
		return c.notHTTP(b[0])
	}
	c.head = append(c.head, b...)
	end := endOfHead(c.head)
	if end > c.server.config.RequestBytesMax || end < 0 && len(c.head) > c.server.config.RequestBytesMax {
		c.head = nil
		c.countLimit(limits.HTTPHeaderBytes, errRequestSize)
		c.answer(http.StatusRequestHeaderFieldsTooLarge, "The request is too large.")
		return nil
	}
	if end < 0 {
		return nil
	}
	head, rest := c.head[:end], c.head[end:]
	c.head = nil
	c.request(head)
	if len(rest) > 0 && c.wanted != nil && !c.tcp.Closing() {
		return c.receivedMore(rest)
	}
	return nil
}

// receivedMore takes what comes behind the request. Without a WebSocket that means nothing, and neither does it while the
// client waits for an approver.
func (c *conn) receivedMore(b []byte) error {
	if c.lately += len(b); c.lately > c.server.config.ViewerBytesMax {
		c.countLimit(limits.UnacceptedBytes, errTooMuch)
		return errTooMuch
	}
	if w := c.watching; w != nil && w.socket != nil {
		w.socket.feed(b, c)
	}
	return nil
}

// notHTTP ends a client that speaks something else.
func (c *conn) notHTTP(first byte) error {
	const tlsHandshake = 0x16
	if first == tlsHandshake {
		c.complain(zerolog.InfoLevel).
			Msg("client speaks TLS on a port that does not; its URL may have to begin with http://, or the step needs use_tls")
		c.ended = errDone // said
	}
	return errors.New("not HTTP")
}

// Tick implements tcp.Handler: deadlines.
func (c *conn) Tick(now time.Time) {
	c.lately, c.pings = 0, 0
	switch {
	case c.watching != nil:
		c.tickWatching(now)
	case c.approval != nil:
		c.tickApproval(now)
	case c.wanted == nil && now.Sub(c.since) > c.server.config.RequestTimeout:
		c.countLimit(limits.HandshakeTimeout, errNoRequest)
		if len(c.head) == 0 { // browsers open connections that they may need
			c.tcp.Close(errNoRequest)
			return
		}
		c.answer(http.StatusRequestTimeout, "The request did not come in time.")
	}
}

// countLimit counts an error that is about a limit.
func (c *conn) countLimit(limit limits.Limit, err error) {
	c.server.config.Limits.Exceeded(limit)
	c.complain(zerolog.WarnLevel).Stringer("limit", limit).Err(err).Msg("client exceeds a limit and is ended")
	c.ended = err
}

// Closed implements tcp.Handler. Whatever panics on the way, everything that the connection held is given back.
func (c *conn) Closed(err error) {
	defer c.server.disconnected(c.port)
	defer c.endApproval()
	defer c.stopWatching("connection closed")
	if level := watch.CloseLevel(c.ended != nil, err); level > zerolog.DebugLevel {
		c.complain(level).Err(err).Msg("connection closed")
	} else {
		c.describe(c.server.config.Log.WithLevel(level)).Err(err).Msg("connection closed")
	}
}

// withdraw ends the connection from outside. Any goroutine.
func (c *conn) withdraw(reason string) {
	c.tcp.Do(func() { c.end(closeGoingAway, reason) })
}
