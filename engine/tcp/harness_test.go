package tcp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must happen. It only matters when a test fails.
const patience = 20 * time.Second

// handler is a Handler made of functions; nil ones do nothing.
type handler struct {
	received func(b []byte) error
	tick     func(now time.Time)
	closed   func(err error)
}

func (h *handler) Received(b []byte) error {
	if h.received == nil {
		return nil
	}
	return h.received(b)
}

func (h *handler) Tick(now time.Time) {
	if h.tick != nil {
		h.tick(now)
	}
}

func (h *handler) Closed(err error) {
	if h.closed != nil {
		h.closed(err)
	}
}

// start starts loops that end with the test and leave nothing behind.
func start(t testing.TB, config Config) *Manager {
	t.Helper()
	warmUp(t)
	descriptors := openDescriptors(t)
	m, err := Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		m.Stop(ctx)
		nothingLeft(t, m, descriptors)
	})
	return m
}

// warmUp lets the runtime open the descriptors that it keeps.
func warmUp(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

func openDescriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

func nothingLeft(t testing.TB, m *Manager, descriptors int) {
	t.Helper()
	require.Zero(t, m.Connections())
	for _, l := range m.Loops() {
		require.Zero(t, l.load.Load(), "connections counted on loop %d", l.index)
		require.Empty(t, l.conns)
	}
	require.Equal(t, descriptors, openDescriptors(t), "open descriptors")
	eventually(t, func() bool { return !strings.Contains(stacks(), "mmids/engine/tcp.(*") }, "goroutines are left")
}

// stacks returns the stacks of all goroutines but the caller's.
func stacks() string {
	buf := make([]byte, 1<<20)
	all := string(buf[:runtime.Stack(buf, true)])
	_, others, _ := strings.Cut(all, "\n\n")
	return others
}

// eventually waits for a condition that nothing announces.
func eventually(t testing.TB, condition func() bool, what string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("%s\n%s", what, stacks())
		}
		runtime.Gosched()
	}
}

func open(t testing.TB, m *Manager, accept func(*Conn) Handler) *Port {
	t.Helper()
	p, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: accept})
	require.NoError(t, err)
	return p
}

func dial(t testing.TB, p *Port) *net.TCPConn {
	t.Helper()
	return dialTo(t, p.listener.Addr().String())
}

func dialTo(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// accepted opens a port with one connection, whose handler the caller may complete on its loop before the peer says
// anything.
func accepted(t testing.TB, m *Manager, h *handler) (*Conn, *net.TCPConn) {
	t.Helper()
	conns := make(chan *Conn, 1)
	p := open(t, m, func(c *Conn) Handler {
		conns <- c
		return h
	})
	peer := dial(t, p)
	return receive(t, conns), peer
}

// echo sends back what it receives.
func echo(c *Conn) Handler {
	return &handler{received: func(b []byte) error { c.Send(b); return nil }}
}

// says checks that a peer gets an answer.
func says(t testing.TB, peer net.Conn, what string) {
	t.Helper()
	_, err := peer.Write([]byte(what))
	require.NoError(t, err)
	gets(t, peer, what)
}

func gets(t testing.TB, peer net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(peer, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// getsEnd checks that a peer is told of the end of the connection and gets nothing before.
func getsEnd(t testing.TB, peer net.Conn) {
	t.Helper()
	n, err := peer.Read(make([]byte, 1))
	require.Zero(t, n)
	require.True(t, errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET), "%v", err)
}

func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing has come\n%s", stacks())
		panic("not reached")
	}
}

// on runs f on a loop and waits for it.
func on(t testing.TB, l *Loop, f func()) {
	t.Helper()
	done := make(chan struct{})
	require.True(t, l.Do(func() { defer close(done); f() }))
	receive(t, done)
}

// tiny makes a connection's buffers as small as the kernel allows, so that writes are cut short.
func tiny(c *Conn) {
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 1)
}

// reset makes a peer end its connection with a reset.
func reset(peer *net.TCPConn) {
	_ = peer.SetLinger(0)
	_ = peer.Close()
}
