package tcp

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"mmids/engine/limits"
	"mmids/engine/panics"
)

// Handler is the owner of a connection. All calls come on the connection's loop, one at a time.
type Handler interface {
	// Received handles bytes from the peer, in order. b is the loop's buffer: it is valid until Received
	// returns. An error closes the connection at once, unless CloseAfterFlush is ending it already.
	Received(b []byte) error

	// Tick is called about once a second, for deadlines.
	Tick(now time.Time)

	// Closed is called once, as the last call. err says why, io.EOF for a peer that closed.
	Closed(err error)
}

var (
	errPendingFull = errors.New("the peer does not take its control messages")
	errLinger      = errors.New("the peer did not close in time after the last message")
	errPanic       = errors.New("internal error")
	errNotAccepted = errors.New("the port did not accept the connection")
)

// Conn is one accepted connection. All methods but ID, Loop, Remote, PortNumber and Do are for its loop only.
type Conn struct {
	// What each send looks at comes first, in one cache line: with thousands of viewers it is cold every time.
	fd      int
	loop    *Loop
	tls     *tlsLayer // nil on a plain port
	sent    uint64
	gone    bool
	closing bool // close once pending is flushed and the peer has closed
	shut    bool // our direction has been shut down
	pending pending

	id       string
	port     *Port
	config   *Config
	remote   netip.AddrPort
	gnet     gnet.Conn
	handler  Handler
	retry    *Task // flushes pending; made when first needed
	deadline time.Time
	cause    error
	bulk     int           // the bytes that ReadInBulk asked for; 0 is 1
	within   time.Duration // the same for the time
}

// ID identifies the connection in logs.
func (c *Conn) ID() string { return c.id }

// Loop is the event loop that owns the connection.
func (c *Conn) Loop() *Loop { return c.loop }

// Remote is the peer's address; IPv4 addresses are in their short form.
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// PortNumber is the number of the port that accepted the connection.
func (c *Conn) PortNumber() int { return c.port.Number() }

// BytesSent is what the kernel has taken so far, in bytes of the socket: with TLS more than was written.
func (c *Conn) BytesSent() uint64 { return c.sent }

func (c *Conn) open(g gnet.Conn) {
	defer c.recoverPanic()
	c.gnet, c.fd = g, g.Fd()
	c.loop.conns[c] = struct{}{}
	setOwnOptions(c.fd)
	if config := c.port.tls; config != nil {
		c.startTLS(config)
		return
	}
	c.accept()
}

// Handler is what the port made of the connection; nil before, as long as TLS shakes hands. Loop only.
func (c *Conn) Handler() Handler { return c.handler }

// accept makes the handler.
func (c *Conn) accept() {
	if c.handler = c.port.accept(c); c.handler == nil {
		c.Close(errNotAccepted)
	}
}

func (c *Conn) received(b []byte) {
	defer c.recoverPanic()
	c.loop.traffic.received += uint64(len(b))
	if c.gone || c.closing {
		return // read and thrown away, so that the peer's end of stream gets through
	}
	if c.tls != nil {
		c.tls.received(b)
		return
	}
	c.handle(b)
}

// handle gives the handler what the peer said.
func (c *Conn) handle(b []byte) {
	if c.handler == nil {
		return
	}
	if err := c.handler.Received(b); err != nil && !c.closing {
		c.Close(err)
	}
}

func (c *Conn) tick(now time.Time) {
	defer c.recoverPanic()
	if c.gone {
		return
	}
	if c.closing {
		if now.After(c.deadline) {
			c.Close(errLinger)
		}
		return
	}
	if c.tls != nil && c.tls.overdue(now) {
		c.config.Limits.Exceeded(limits.TLSHandshakeTimeout)
		c.Close(errHandshakeTimeout)
		return
	}
	if c.handler != nil {
		c.handler.Tick(now)
	}
}

// closedBy handles the end of the connection, whatever noticed it first.
func (c *Conn) closedBy(err error) {
	c.gone = true
	c.fd = -1 // the number will be another connection's soon
	c.pending.release()
	if c.tls != nil {
		c.tls.end()
	}
	delete(c.loop.conns, c)
	delete(c.loop.bulk.conns, c)
	c.loop.latest.forget(c)
	defer c.forget() // last: whoever sees the connection gone may rely on its handler having heard of it
	if c.cause == nil {
		if c.cause = err; err == nil {
			c.cause = io.EOF
		}
	}
	if c.handler == nil {
		return
	}
	defer c.recoverPanic()
	c.handler.Closed(c.cause)
}

func (c *Conn) forget() {
	c.loop.load.Add(-1)
	c.loop.manager.dismiss(c.remote.Addr(), c.port.exempt)
}

// Close ends the connection at the end of the current callback; cause is what Handler.Closed is told. The first
// cause counts.
func (c *Conn) Close(cause error) {
	if c.gone {
		return
	}
	if c.cause == nil {
		c.cause = cause
	}
	c.gone = true
	c.loop.dying = append(c.loop.dying, c)
}

// CloseAfterFlush delivers what is pending, then ends the connection when the peer has closed its side, or after
// the configured linger. Closing at once would let the kernel throw the last message away. From now on nothing more
// is sent, what the peer sends is ignored and the handler only hears Closed.
func (c *Conn) CloseAfterFlush(cause error) {
	if c.gone || c.closing {
		return
	}
	c.closing = true
	c.cause = cause
	c.deadline = time.Now().Add(c.config.Linger)
	c.Flush()
}

// Closing reports whether the connection is ending.
func (c *Conn) Closing() bool { return c.gone || c.closing }

// Queue appends control bytes behind those pending, without writing. p is copied.
func (c *Conn) Queue(p []byte) {
	if c.Closing() {
		return
	}
	if c.pending.control()+len(p) > c.config.PendingBytesMax {
		c.config.Limits.Exceeded(limits.UnreadBytes)
		c.Close(errPendingFull)
		return
	}
	c.pending.append(p)
}

// QueueMedia is Queue for what a viewer must still get of a message that it has part of. The caller bounds it: it
// queues more only when all pending bytes have been taken. It does not count for PendingBytesMax.
func (c *Conn) QueueMedia(p []byte) {
	if !c.Closing() {
		c.pending.append(p)
		c.pending.media += len(p)
	}
}

// Send queues control bytes and writes as much as the peer takes; the rest follows by itself. p is copied.
func (c *Conn) Send(p []byte) {
	c.Queue(p)
	c.Flush()
}

// Merge makes the kernel hold back small writes until the peer has acknowledged the one before (RFC 896), and merge
// them. Off at the beginning.
func (c *Conn) Merge(on bool) {
	if c.gone {
		return
	}
	noDelay := 1
	if on {
		noDelay = 0
	}
	_ = unix.SetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, noDelay) // at worst it goes on as before
}

// Flush writes pending bytes and reports whether none are left, so that more may be written. What the peer does not
// take now is retried.
func (c *Conn) Flush() bool {
	if c.gone {
		return false
	}
	if c.tls != nil {
		return c.tls.flush()
	}
	if !c.pending.empty() {
		left := c.pending.bytes()
		n, err := c.send(left)
		if err != nil {
			c.Close(err)
			return false
		}
		c.pending.take(n)
		if n < len(left) {
			c.retryFlush()
			return false
		}
	}
	return c.flushed()
}

// flushed is called when all bytes have been taken. It reports whether more may be written.
func (c *Conn) flushed() bool {
	if c.closing && !c.shut {
		c.shut = true
		_ = unix.Shutdown(c.fd, unix.SHUT_WR)
	}
	return !c.closing
}

func (c *Conn) retryFlush() {
	if c.retry == nil {
		c.retry = c.loop.NewTask(func(int) (int, bool) {
			defer c.recoverPanic()
			c.Flush()
			return 1, false
		})
	}
	c.retry.Later()
}

// Write writes spans, in order, as far as the peer takes them now, and returns how many bytes that was. Pending
// control bytes must have been flushed. At most spansMax spans are looked at. With TLS the bytes are those of spans, not
// of the records, and the connection keeps what it has sealed of them and the peer has not taken.
func (c *Conn) Write(spans [][]byte) (int, error) {
	if c.Closing() {
		return 0, nil
	}
	if c.tls != nil {
		return c.tls.write(spans)
	}
	if len(spans) == 1 {
		return c.send(spans[0])
	}
	return c.sendAll(spans)
}

// Do runs f on the connection's loop, as Loop.Do does, and as if it were a callback: a panic in it closes the connection.
// Any goroutine.
func (c *Conn) Do(f func()) bool {
	return c.loop.Do(func() {
		defer c.recoverPanic()
		f()
	})
}

// recoverPanic is where a panic about a connection ends. It is to be deferred by everything that a loop calls for one.
func (c *Conn) recoverPanic() {
	if p := recover(); p != nil {
		c.Log(panics.Describe(c.config.Log.Error(), p)).Msg("panic in a connection; it is closed")
		c.Close(errPanic)
	}
}

// Log adds the fields that identify the connection to a log event.
func (c *Conn) Log(e *zerolog.Event) *zerolog.Event {
	return e.Str("connection_id", c.id).Int("port", c.port.Number()).Stringer("ip", c.remote.Addr())
}
