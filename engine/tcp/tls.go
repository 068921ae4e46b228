package tcp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

const (
	// tlsSpanBytes is what is sealed before the socket is tried: four full records. It is also what a connection
	// keeps at most of media that was sealed and not taken.
	tlsSpanBytes = 64 << 10

	// tlsWriteBytesMax bounds one Write. Sealing and sending a MiB takes about 0.7 ms, which others on the loop wait for.
	tlsWriteBytesMax = 1 << 20

	// tlsOverheadMax is more than TLS adds to a span: at most 69 bytes (CBC with SHA-256) for each of 68 records, if
	// the span comes in 64 pieces and fills four records all the same. That is 4,692.
	tlsOverheadMax = 8 << 10

	// tlsRefusedMax bounds sealed bytes that a peer has not taken: a span, and a few answers to a peer that asks for
	// new keys again and again and does not listen.
	tlsRefusedMax = tlsSpanBytes + tlsOverheadMax

	// tlsPlainBytes is how much is decrypted before the handler gets it.
	tlsPlainBytes = 64 << 10

	// tlsSpareMax bounds the buffers for refused bytes that a loop keeps: 64 × 72 KiB are 4.5 MiB.
	tlsSpareMax = 64
)

var (
	errHandshakeFlood   = errors.New("the client does not wait for the TLS handshake")
	errHandshakeTimeout = errors.New("no TLS handshake in time")
)

// tlsScratch is the memory for TLS that the connections of a loop share.
type tlsScratch struct {
	plain  []byte   // of the connection that is being read
	sealed []byte   // of the connection that is being written
	spare  [][]byte // for refused bytes
}

func (s *tlsScratch) plainBuffer() []byte {
	if s.plain == nil {
		s.plain = make([]byte, tlsPlainBytes)
	}
	return s.plain
}

func (s *tlsScratch) takeSpare() []byte {
	last := len(s.spare) - 1
	if last < 0 {
		return make([]byte, 0, tlsRefusedMax)
	}
	b := s.spare[last]
	s.spare[last] = nil
	s.spare = s.spare[:last]
	return b
}

func (s *tlsScratch) giveBack(b []byte) {
	if len(s.spare) < tlsSpareMax {
		s.spare = append(s.spare, b[:0])
	}
}

// tlsLayer is the TLS side of a connection: crypto/tls over memory, between the handler's plaintext and the socket.
// All of it but the handshake runs on the loop.
type tlsLayer struct {
	conn     *Conn
	tls      *tls.Conn
	memory   memoryConn
	done     bool // the handshake
	deadline time.Time
	goodbye  bool // close_notify has been sealed

	// refused is what the kernel has not taken of sealed bytes. It goes before anything else: records have numbers.
	refused []byte
	buffer  []byte // that refused is in
}

// tlsConfigOf returns the configuration for connections that are served over memory.
func tlsConfigOf(c *tls.Config) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.DynamicRecordSizingDisabled = true // spans are large, and small first records only cost
	c.SessionTicketsDisabled = true      // connections are few and long; tickets would have to be sent unasked
	return c
}

// startTLS begins the handshake. The handler is made when it is done.
func (c *Conn) startTLS(config *tls.Config) {
	t := &tlsLayer{conn: c, deadline: time.Now().Add(c.config.TLSHandshakeTimeout)}
	t.memory.conn, t.memory.flush = c, t.sendWritten
	t.memory.changed.L = &t.memory.mu
	t.tls = tls.Server(&t.memory, config)
	c.tls = t
	c.loop.manager.handshakes.Go(t.shakeHands)
}

// shakeHands runs in a goroutine of its own. It ends when the peer has answered, or with the connection.
func (t *tlsLayer) shakeHands() {
	err := errPanic
	defer func() {
		if p := recover(); p != nil {
			t.conn.Log(panics.Describe(t.conn.config.Log.Error(), p)).Msg("panic in a TLS handshake; the connection is closed")
		}
		t.conn.loop.Do(func() { t.shaken(err) })
	}()
	err = t.tls.Handshake()
}

// shaken takes over from the handshake's goroutine.
func (t *tlsLayer) shaken(err error) {
	c := t.conn
	defer c.recoverPanic()
	t.sendWritten()
	if err != nil {
		t.logFailure(err)
		c.CloseAfterFlush(err) // delivers the alert that says why
		return
	}
	if c.Closing() {
		return
	}
	t.done = true
	rest := t.memory.move()
	c.accept()
	t.decrypt(rest) // also if it is empty: the handshake may have read a record that follows it
}

// logFailure says why a handshake failed, unless the connection ended first.
func (t *tlsLayer) logFailure(err error) {
	c := t.conn
	var header tls.RecordHeaderError
	switch {
	case errors.Is(err, net.ErrClosed):
	case errors.As(err, &header):
		c.Complain(&c.config.Log, zerolog.InfoLevel).Msg("client does not speak TLS on a port that does; its URL may have to begin with rtmps://")
	default:
		c.Complain(&c.config.Log, zerolog.InfoLevel).Err(err).Msg("TLS handshake failed")
	}
}

// overdue reports whether the handshake takes too long.
func (t *tlsLayer) overdue(now time.Time) bool { return !t.done && now.After(t.deadline) }

// end is called when the connection has gone.
func (t *tlsLayer) end() {
	t.memory.end()
	t.release()
}

// received handles bytes from the socket.
func (t *tlsLayer) received(b []byte) {
	if t.done {
		t.decrypt(b)
	} else if !t.memory.feed(b) {
		t.conn.Close(errHandshakeFlood)
	}
}

// decrypt gives the handler what records hold. Part of a record stays with crypto/tls until the rest comes.
func (t *tlsLayer) decrypt(b []byte) {
	c := t.conn
	t.memory.in = b
	defer func() { t.memory.in = nil }() // the loop's again
	for !c.Closing() {
		plain := c.loop.tls.plainBuffer()
		n, err := t.read(plain)
		if n > 0 {
			c.handle(plain[:n])
		}
		switch {
		case err == nil:
		case errors.Is(err, errWouldBlock):
			return
		default:
			c.Close(err)
		}
	}
}

// read fills a buffer as far as there are records. Their number must not be the number of calls of the handler, which
// does more at once for less.
func (t *tlsLayer) read(plain []byte) (n int, err error) {
	scratch := &t.conn.loop.tls
	scratch.sealed = scratch.sealed[:0]
	for n < len(plain) && err == nil {
		var k int
		k, err = t.tls.Read(plain[n:])
		n += k
	}
	// An alert, or the answer to a peer that changes keys.
	if failed := t.sendSealed(); failed != nil {
		err = failed
	}
	return n, err
}

// write seals spans, in order, as far as the socket takes them. What it counts has been sealed, so it cannot be taken
// back: the connection keeps what the kernel refuses of it.
func (t *tlsLayer) write(spans [][]byte) (accepted int, err error) {
	spans = spans[:min(len(spans), spansMax)]
	scratch := &t.conn.loop.tls
	for at := 0; len(spans) > 0 && len(t.refused) == 0 && accepted < tlsWriteBytesMax; {
		scratch.sealed = scratch.sealed[:0]
		sealed := 0
		for len(spans) > 0 && sealed < tlsSpanBytes {
			p := spans[0][at:]
			p = p[:min(len(p), tlsSpanBytes-sealed)]
			if len(p) > 0 { // an empty one would become an empty record
				if _, err := t.tls.Write(p); err != nil {
					return accepted, err
				}
			}
			sealed += len(p)
			if at += len(p); at == len(spans[0]) {
				spans, at = spans[1:], 0
			}
		}
		if err := t.sendSealed(); err != nil {
			return accepted, err
		}
		accepted += sealed
	}
	return accepted, nil
}

// sendWritten sends what the handshake has to say. Loop only.
func (t *tlsLayer) sendWritten() {
	if written := t.memory.takeWritten(); len(written) > 0 && !t.conn.gone {
		if err := t.send(written); err != nil {
			t.conn.Close(err)
		}
	}
}

func (t *tlsLayer) sendSealed() error {
	if sealed := t.conn.loop.tls.sealed; len(sealed) > 0 {
		return t.send(sealed)
	}
	return nil
}

// send writes to the socket, behind what was refused, and keeps what is refused now.
func (t *tlsLayer) send(sealed []byte) error {
	c := t.conn
	if len(t.refused) == 0 {
		n, err := c.send(sealed)
		if err != nil {
			return err
		}
		if sealed = sealed[n:]; len(sealed) == 0 {
			return nil
		}
		t.buffer = c.loop.tls.takeSpare()
		t.refused = t.buffer
	}
	if len(t.refused)+len(sealed) > tlsRefusedMax {
		return fmt.Errorf("TLS: %w", errPendingFull)
	}
	t.refused = append(t.refused, sealed...)
	c.retryFlush()
	return nil
}

// flushRefused reports whether nothing is left that was sealed.
func (t *tlsLayer) flushRefused() bool {
	c := t.conn
	if len(t.refused) == 0 {
		return true
	}
	n, err := c.send(t.refused)
	if err != nil {
		c.Close(err)
		return false
	}
	if t.refused = t.refused[n:]; len(t.refused) > 0 {
		c.retryFlush()
		return false
	}
	t.release()
	return true
}

func (t *tlsLayer) release() {
	if t.buffer != nil {
		t.conn.loop.tls.giveBack(t.buffer)
		t.buffer, t.refused = nil, nil
	}
}

// flush is Conn.Flush.
func (t *tlsLayer) flush() bool {
	c := t.conn
	if !t.flushRefused() {
		return false
	}
	if left := c.pending.bytes(); len(left) > 0 {
		n, err := t.write([][]byte{left})
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
	if c.closing {
		t.sayGoodbye()
	}
	if c.gone || len(t.refused) > 0 {
		return false
	}
	return c.flushed()
}

// sayGoodbye sends close_notify, by which the peer knows that nothing was cut off (RFC 8446 §6.1).
func (t *tlsLayer) sayGoodbye() {
	if !t.done || t.goodbye || len(t.refused) > 0 {
		return
	}
	t.goodbye = true
	scratch := &t.conn.loop.tls
	scratch.sealed = scratch.sealed[:0]
	_ = t.tls.CloseWrite() // fails after an error of TLS, which the peer has been told of
	if err := t.sendSealed(); err != nil {
		t.conn.Close(err)
	}
}
