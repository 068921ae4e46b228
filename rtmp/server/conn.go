package server

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/watch"
	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/session"
)

// conn is one client. All of it but heard belongs to the connection's loop.
type conn struct {
	server *Server
	port   *port
	tcp    *tcp.Conn

	handshake *handshake.Server // nil once done
	reader    *chunk.Reader
	session   *session.Server
	emit      func(*chunk.Message) error

	app       string
	client    string       // how it presents itself
	opened    time.Time    // by the port
	abilities *abilities   // announced
	granted   uint64       // bytes that had come when UnacceptedBytesMax more were granted
	accepted  bool         // connect was granted
	since     time.Time    // of the current stage: accepted by the port, handshake done, connected, or idle again
	stopped   bool         // it has published or played before
	heard     atomic.Int64 // when bytes came last, as elapsed says it
	pinged    bool         // a ping is out to find out whether a silent publisher lives

	approval   *approval // of what follows, or is waited for
	publishing *publishing
	watching   *watching
	batch      []media.Notification // of the current read
	ended      error                // why the server ended the connection, for the log
}

var (
	errNoHandshake = errors.New("no handshake in time")
	errNoConnect   = errors.New("no connect in time")
	errNoRequest   = errors.New("neither published nor played in time")
	errIdle        = errors.New("neither published nor played again in time")
	errSilent      = errors.New("the publisher has been silent for too long")
	errStalled     = errors.New("the viewer has not taken anything for too long")
	errRefused     = errors.New("refused")
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
	c.heard.Store(elapsed(now))
	c.handshake = handshake.NewServer(handshake.Config{Time: uint32(now.UnixMilli())})
	c.reader = chunk.NewReader(chunk.ReaderConfig{Memory: media.Memory{}, Limits: s.readerLimits()})
	c.session = session.NewServer(session.ServerConfig{
		ChunkSize: chunkSize, Memory: media.Memory{}, AMF: s.config.AMF,
		CommandsMax: s.config.CommandsPerSecondMax, OnUnreadable: c.dropData,
	}, c)
	c.emit = c.session.Handle
	c.describe(s.config.Log.Debug()).Bool("use_tls", p.tls).Msg("connection opened")
	return c
}

// describe adds the fields that tell the connection from others. A logger that carries them would cost more memory than
// all else that an idle viewer needs.
func (c *conn) describe(e *zerolog.Event) *zerolog.Event {
	if e == nil {
		return nil // the level is not logged
	}
	return c.describeApp(c.tcp.Log(e))
}

func (c *conn) describeApp(e *zerolog.Event) *zerolog.Event {
	if c.accepted {
		e.Str("rtmp_app", c.app)
	}
	return e
}

// complain begins a line about something that a client can do any number of times. It is nil, and not written, when there
// were enough of them.
func (c *conn) complain(level zerolog.Level) *zerolog.Event {
	return c.describeApp(c.tcp.Complain(&c.server.config.Log, level))
}

// describeStream is describe for what the connection publishes or plays by a registration.
func (c *conn) describeStream(e *zerolog.Event, key string) *zerolog.Event {
	return c.describe(e).Str("stream_key", key)
}

// Received implements tcp.Handler.
func (c *conn) Received(b []byte) error {
	c.heard.Store(elapsed(time.Now()))
	c.pinged = false
	if c.handshake != nil {
		var err error
		if b, err = c.shakeHands(b); err != nil || c.handshake != nil {
			return err
		}
	}
	loop := c.onLoop()
	c.batch = loop.batch[:0]
	err := c.reader.Feed(b, c.emit)
	read := c.reader.BytesRead()
	c.session.Received(read)
	if err == nil {
		err = c.checkUnaccepted(read)
	}
	if err != nil && c.endByLimit(err) {
		err = nil
	}
	c.deliver()
	loop.batch = c.batch[:0]
	c.batch = nil
	c.flush()
	return err
}

// shakeHands takes bytes of the handshake and returns those behind it.
func (c *conn) shakeHands(b []byte) ([]byte, error) {
	scratch := &c.onLoop().hello
	out, rest, done, err := c.handshake.Feed((*scratch)[:0], b)
	if err != nil {
		return nil, c.notRTMP(err)
	}
	*scratch = out
	if len(out) > 0 {
		c.tcp.Send(out)
	}
	if done {
		c.handshake, c.since = nil, time.Now()
		c.session.Start()
	}
	return rest, nil
}

// notRTMP answers a client that speaks something else, so that a person who tries a browser sees why.
func (c *conn) notRTMP(err error) error {
	var other *handshake.NotRTMPError
	if !errors.As(err, &other) {
		return err
	}
	switch other.Kind {
	case handshake.TLS:
		c.complain(zerolog.InfoLevel).
			Msg("client speaks TLS on a port that does not; its URL may have to begin with rtmp://, or the step needs rtmps")
		c.ended = err // said
	case handshake.HTTP:
		const hint = "This port speaks RTMP. Use an RTMP player or encoder, not a browser.\n"
		c.tcp.Send(fmt.Appendf(nil, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(hint), hint))
		c.tcp.CloseAfterFlush(err)
		return nil
	}
	return err
}

// deliver hands the media of this read to the workflow.
func (c *conn) deliver() {
	if len(c.batch) == 0 {
		return
	}
	r := c.publishing.registration
	batch := c.batch
	c.batch = batch[:0] // also if the registrant panics: nothing is delivered twice
	defer clear(batch)
	r.registrant.Deliver(batch)
	if r.request.Owner.Patience() < patienceMin {
		c.readAtOnce()
	}
}

// flush sends what the session has to say.
func (c *conn) flush() {
	if out := c.session.Output(); len(out) > 0 {
		if c.watching != nil {
			c.watching.viewer.Interject(out)
		} else {
			c.tcp.Send(out)
		}
		c.session.ClearOutput()
	}
	if c.session.Closing() && !c.tcp.Closing() {
		if c.ended == nil {
			c.ended = errRefused
		}
		c.tcp.CloseAfterFlush(c.ended)
	}
}

// Tick implements tcp.Handler: deadlines.
func (c *conn) Tick(now time.Time) {
	c.session.GrantCommands()
	switch {
	case c.publishing != nil:
		c.tickPublishing(now)
	case c.watching != nil:
		c.tickWatching(now)
	case c.approval != nil:
		c.tickApproval(now)
	default:
		c.tickWaiting(now)
	}
}

// tickWaiting ends a client that does not come to the point.
func (c *conn) tickWaiting(now time.Time) {
	switch err := c.overdue(now); err {
	case nil:
	case errNoHandshake:
		c.closeByLimit(err) // it understands nothing
	default:
		c.endByLimit(err)
	}
}

// overdue says what has not come in time. Each stage has a deadline of its own.
func (c *conn) overdue(now time.Time) error {
	timeout, err := c.server.config.IdleTimeout, errIdle
	switch config := &c.server.config; {
	case c.handshake != nil:
		timeout, err = config.HandshakeTimeout, errNoHandshake
	case !c.accepted:
		timeout, err = config.ConnectTimeout, errNoConnect
	case !c.stopped:
		timeout, err = config.FirstRequestTimeout, errNoRequest
	}
	if now.Sub(c.since) > timeout {
		return err
	}
	return nil
}

// Closed implements tcp.Handler. Whatever panics on the way, everything that the connection held is given back.
func (c *conn) Closed(err error) {
	defer c.server.disconnected(c.port)
	defer c.reader.Close()
	c.session.Close() // calls OnStop for what still runs
	if level := watch.CloseLevel(c.ended != nil, err); level > zerolog.DebugLevel {
		c.complain(level).Err(err).Msg("connection closed")
	} else {
		c.describe(c.server.config.Log.WithLevel(level)).Err(err).Msg("connection closed")
	}
}

// OnConnect implements session.ServerHandler.
func (c *conn) OnConnect(connect session.Connect) {
	c.app = connect.App
	if !c.server.hasApp(c.port, c.app) {
		no := refuseApp(c.app, c.port.number)
		c.refuse("connect", "", no)
		c.session.RejectConnect(no.code, no.description)
		return
	}
	c.accepted, c.since, c.client = true, time.Now(), figures.Shortened(connect.FlashVer)
	c.abilities = abilitiesOf(&connect.Capabilities)
	c.describe(c.server.config.Log.Debug()).Str("flash_ver", connect.FlashVer).Msg("connected to app")
	c.session.AcceptConnect()
}

// OnStop implements session.ServerHandler.
func (c *conn) OnStop(_ uint32, reason session.StopReason) {
	defer c.endApproval()
	defer c.stopWatching(reason.String())
	c.since, c.stopped, c.granted = time.Now(), true, c.reader.BytesRead()
	c.stopPublishing(reason.String())
}

// refuse notes a refusal in the log.
func (c *conn) refuse(what, key string, no *refusal) {
	c.ended = endedError("refused: " + no.description)
	c.complain(zerolog.WarnLevel).Str("stream_key", key).Str("request", what).
		Str("code", no.code).Str("reason", no.description).Msg("client refused")
}

// silentFor reports whether nothing has come from the client for d. Any goroutine.
func (c *conn) silentFor(d time.Duration) bool {
	return elapsed(time.Now())-c.heard.Load() > int64(d)
}

// withdraw ends the connection from outside: the client is told why and closed. Any goroutine.
func (c *conn) withdraw(reason string) {
	c.tcp.Do(func() {
		if c.tcp.Closing() {
			return
		}
		c.end(reason)
	})
}
