package tcp

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mmids/engine/panics/panictest"
)

// TestClosedIsCalledOnce ends connections in every way there is.
func TestClosedIsCalledOnce(t *testing.T) {
	why := errors.New("why")
	f := func(name string, want error, end func(t *testing.T, m *Manager, c *Conn, h *handler, peer *net.TCPConn)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			m := start(t, Config{Loops: 1})
			var calls atomic.Int32
			closed := make(chan error, 1)
			h := &handler{}
			var conn *Conn
			h.closed = func(err error) {
				calls.Add(1)
				if conn.fd != -1 {
					t.Error("the descriptor is not forgotten")
				}
				conn.Close(errors.New("once more"))
				conn.CloseAfterFlush(errors.New("once more"))
				conn.Send([]byte("too late"))
				conn.QueueMedia([]byte("too late"))
				if n, err := conn.Write([][]byte{[]byte("too late")}); n != 0 || err != nil {
					t.Errorf("wrote %d, %v", n, err)
				}
				closed <- err
			}
			c, peer := accepted(t, m, h)
			on(t, c.Loop(), func() { conn = c })
			end(t, m, c, h, peer)
			err := receive(t, closed)
			require.ErrorIs(t, err, want)
			eventually(t, func() bool { return m.Connections() == 0 }, "still counted")
			_ = c.Loop().Do(func() { c.Close(why); c.tick(time.Now().Add(time.Hour)); c.received(nil); c.Flush() })
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			m.Stop(ctx)
			require.Equal(t, int32(1), calls.Load())
		})
	}
	write := func(t *testing.T, peer *net.TCPConn) {
		_, err := peer.Write([]byte("x"))
		require.NoError(t, err)
	}
	// receives completes the handler before the peer speaks.
	receives := func(t *testing.T, c *Conn, h *handler, peer *net.TCPConn, received func() error) {
		on(t, c.Loop(), func() { h.received = func([]byte) error { return received() } })
		write(t, peer)
	}
	f("the peer closes", io.EOF, func(t *testing.T, _ *Manager, _ *Conn, _ *handler, peer *net.TCPConn) {
		require.NoError(t, peer.Close())
	})
	f("the peer closes its direction", io.EOF, func(t *testing.T, _ *Manager, _ *Conn, _ *handler, peer *net.TCPConn) {
		require.NoError(t, peer.CloseWrite())
		getsEnd(t, peer)
	})
	f("the peer resets", unix.ECONNRESET, func(_ *testing.T, _ *Manager, _ *Conn, _ *handler, peer *net.TCPConn) { reset(peer) })
	f("the peer resets while we write", unix.EPIPE, func(t *testing.T, _ *Manager, c *Conn, _ *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() {
			reset(peer)
			_, _ = c.Write([][]byte{[]byte("takes the reset's error")})
			c.Send([]byte("meets a broken pipe"))
		})
	})
	f("an error of Received", why, func(t *testing.T, _ *Manager, c *Conn, h *handler, peer *net.TCPConn) {
		receives(t, c, h, peer, func() error { return why })
	})
	f("Close in Received", why, func(t *testing.T, _ *Manager, c *Conn, h *handler, peer *net.TCPConn) {
		receives(t, c, h, peer, func() error { c.Close(why); return nil })
	})
	f("Close twice and an error", why, func(t *testing.T, _ *Manager, c *Conn, h *handler, peer *net.TCPConn) {
		receives(t, c, h, peer, func() error {
			c.Close(why)
			c.Close(errors.New("another"))
			return errors.New("and another")
		})
	})
	f("Close in a call", why, func(t *testing.T, _ *Manager, c *Conn, _ *handler, _ *net.TCPConn) {
		on(t, c.Loop(), func() { c.Close(why) })
	})
	f("Close in a visit", why, func(_ *testing.T, _ *Manager, c *Conn, _ *handler, _ *net.TCPConn) {
		c.Loop().NewTask(func(int) (int, bool) { c.Close(why); c.Close(why); return 1, true }).Mark()
	})
	f("Close in Tick", why, func(t *testing.T, _ *Manager, c *Conn, h *handler, _ *net.TCPConn) {
		on(t, c.Loop(), func() { h.tick = func(time.Time) { c.Close(why) }; c.tick(time.Now()) })
	})
	f("Close without a cause", io.EOF, func(t *testing.T, _ *Manager, c *Conn, _ *handler, _ *net.TCPConn) {
		on(t, c.Loop(), func() { c.Close(nil) })
	})
	f("CloseAfterFlush, and the peer closes", why, func(t *testing.T, _ *Manager, c *Conn, _ *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() { c.CloseAfterFlush(why) })
		getsEnd(t, peer)
		require.NoError(t, peer.Close())
	})
	f("CloseAfterFlush, and the peer resets", why, func(t *testing.T, _ *Manager, c *Conn, _ *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() { c.CloseAfterFlush(why) })
		reset(peer)
	})
	f("CloseAfterFlush, then Close", why, func(t *testing.T, _ *Manager, c *Conn, _ *handler, _ *net.TCPConn) {
		on(t, c.Loop(), func() { c.CloseAfterFlush(why); c.Close(errors.New("another")) })
	})
	f("CloseAfterFlush, and the peer stays", why, func(t *testing.T, m *Manager, c *Conn, _ *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() {
			c.CloseAfterFlush(why)
			c.tick(c.deadline)
			if c.gone {
				t.Error("closed before its time")
			}
			c.tick(c.deadline.Add(1))
		})
		getsEnd(t, peer)
	})
	f("a panic in Received", errPanic, func(t *testing.T, _ *Manager, c *Conn, h *handler, peer *net.TCPConn) {
		receives(t, c, h, peer, func() error { panic("oops") })
	})
	f("a panic in Tick", errPanic, func(t *testing.T, _ *Manager, c *Conn, h *handler, _ *net.TCPConn) {
		on(t, c.Loop(), func() { h.tick = func(time.Time) { panic("oops") }; c.tick(time.Now()) })
	})
	f("Stop", io.EOF, func(t *testing.T, m *Manager, _ *Conn, _ *handler, peer *net.TCPConn) {
		m.Stop(t.Context())
		getsEnd(t, peer)
	})
}

// A panic ends the connection that it concerns, if there is one, and nothing else.
func TestPanics(t *testing.T) {
	oops := func() { panic("oops") }
	f := func(name string, cause func(t *testing.T, c *Conn, h *handler, peer *net.TCPConn)) {
		t.Run(name, func(t *testing.T) {
			m := start(t, Config{Loops: 1})
			bystander := dial(t, open(t, m, echo))
			says(t, bystander, "before")
			h := &handler{}
			c, peer := accepted(t, m, h)
			cause(t, c, h, peer)
			says(t, bystander, "behind")
			require.Equal(t, 1, len(m.Loops()))
		})
	}
	f("Received", func(t *testing.T, c *Conn, h *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() { h.received = func([]byte) error { oops(); return nil } })
		_, err := peer.Write([]byte("x"))
		require.NoError(t, err)
		getsEnd(t, peer)
	})
	f("Tick", func(t *testing.T, c *Conn, h *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() { h.tick = func(time.Time) { oops() } })
		getsEnd(t, peer) // within a second or two
	})
	f("Closed", func(t *testing.T, c *Conn, h *handler, peer *net.TCPConn) {
		closing := make(chan struct{})
		on(t, c.Loop(), func() { h.closed = func(error) { close(closing); oops() } })
		reset(peer)
		receive(t, closing)
		eventually(t, func() bool { return c.loop.manager.Connections() == 1 }, "still counted")
	})
	f("accept", func(t *testing.T, c *Conn, _ *handler, _ *net.TCPConn) {
		p := open(t, c.loop.manager, func(*Conn) Handler { oops(); return nil })
		getsEnd(t, dial(t, p))
	})
	f("visit", func(t *testing.T, c *Conn, _ *handler, peer *net.TCPConn) {
		c.Loop().NewTask(func(int) (int, bool) { oops(); return 0, true }).Mark()
		visited := make(chan struct{})
		c.Loop().NewTask(func(int) (int, bool) { close(visited); return 1, false }).Mark()
		receive(t, visited)
	})
	f("Conn.Do", func(t *testing.T, c *Conn, _ *handler, peer *net.TCPConn) {
		require.True(t, c.Do(oops))
		getsEnd(t, peer)
	})
	f("a write that is tried again", func(t *testing.T, c *Conn, _ *handler, peer *net.TCPConn) {
		on(t, c.Loop(), func() {
			c.retryFlush()
			c.tls = &tlsLayer{} // without the connection that it belongs to
		})
		getsEnd(t, peer)
	})
	f("the loop's own Do", func(t *testing.T, c *Conn, _ *handler, peer *net.TCPConn) {
		require.True(t, c.Loop().Do(oops))
		on(t, c.Loop(), func() {})
	})
}

// A panic on the way from a port to a loop costs that connection; the port goes on.
func TestPanicWhileAccepting(t *testing.T) {
	var log lockedBuffer
	m := start(t, Config{Loops: 1, ConnectionsMax: 1, Log: zerolog.New(&log).Hook(panictest.At("connection turned away"))})
	p := open(t, m, echo)
	first := dial(t, p)
	says(t, first, "before")
	getsEnd(t, dial(t, p))
	says(t, first, "behind")
	require.NoError(t, first.Close())
	eventually(t, func() bool { return m.Connections() == 0 }, "still counted")
	says(t, dial(t, p), "again")
	require.Contains(t, log.String(), "panic while a connection was accepted")
}

// A port's owner that panics when it is told of the loss ends nobody.
func TestPanicOfAPortsOwner(t *testing.T) {
	m := start(t, Config{Loops: 1})
	bystander := dial(t, open(t, m, echo))
	lost := make(chan struct{})
	p, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: echo, Lost: func(error) { close(lost); panic("oops") }})
	require.NoError(t, err)
	require.NoError(t, p.listener.Close()) // behind its back
	receive(t, lost)
	says(t, bystander, "behind")
}

func TestTickComesByItself(t *testing.T) {
	m := start(t, Config{Loops: 2})
	ticks := make(chan time.Time, 10)
	c, _ := accepted(t, m, &handler{})
	on(t, c.Loop(), func() { c.handler.(*handler).tick = func(now time.Time) { ticks <- now } })
	first := receive(t, ticks)
	require.Greater(t, receive(t, ticks).Sub(first), tickInterval/2)
}

func TestOneConnectionMayCloseAnother(t *testing.T) {
	m := start(t, Config{Loops: 1})
	closed := make(chan error, 1)
	other, otherPeer := accepted(t, m, &handler{closed: func(err error) { closed <- err }})
	bye := errors.New("bye")
	c, peer := accepted(t, m, &handler{})
	on(t, c.Loop(), func() {
		c.handler.(*handler).received = func([]byte) error { other.Close(bye); return bye }
		reset(otherPeer) // its event comes in the same round as the other's
		_, _ = peer.Write([]byte("x"))
	})
	require.Error(t, receive(t, closed))
	getsEnd(t, peer)
	eventually(t, func() bool { return m.Connections() == 0 }, "still counted")
}

func TestNothingMayBeWrittenBehindTheLastMessage(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, peer := accepted(t, m, &handler{})
	on(t, c.Loop(), func() {
		if !c.Flush() {
			t.Error("nothing is pending, so more may be written")
		}
		c.CloseAfterFlush(io.EOF)
		for range 2 {
			if c.Flush() {
				t.Error("nothing is pending, but no more may be written")
			}
		}
	})
	getsEnd(t, peer)
}

func TestClosedConnectionIsNotCalledAgain(t *testing.T) {
	m := start(t, Config{Loops: 1})
	h := &handler{}
	c, peer := accepted(t, m, h)
	on(t, c.Loop(), func() {
		h.received = func([]byte) error { t.Error("received"); return nil }
		h.tick = func(time.Time) { t.Error("ticked") }
		_, _ = peer.Write([]byte("x"))
		c.Close(io.EOF)
		if !c.Closing() {
			t.Error("not closing")
		}
		c.tick(time.Now())
	})
	getsEnd(t, peer)
}
