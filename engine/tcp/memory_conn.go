package tcp

import (
	"net"
	"sync"
	"time"
)

// handshakeUnreadMax bounds what a peer may send before its handshake has come to read it. A client hello of 64 KiB
// is the largest that crypto/tls takes, and clients wait for its answer.
const handshakeUnreadMax = 128 << 10

// memoryConn is the net.Conn below a tls.Conn. It moves bytes between crypto/tls and the loop and never touches the
// socket. It has two lives: first a goroutine shakes hands over it and waits for bytes, because crypto/tls cannot
// interrupt a handshake and go on later; then the loop reads and writes records over it and nothing ever waits.
type memoryConn struct {
	conn  *Conn
	flush func() // on the loop, takes what has been written

	mu       sync.Mutex // first life
	changed  sync.Cond  // received or ended
	received []byte
	written  []byte
	ended    bool

	onLoop bool   // second life; set when the goroutine has ended
	in     []byte // of the loop's read buffer, while it is being decrypted
}

// wouldBlock is a temporary error: crypto/tls keeps what it has of a record and can be asked to read again.
type wouldBlock struct{}

func (wouldBlock) Error() string   { return "no more bytes at the moment" }
func (wouldBlock) Timeout() bool   { return true }
func (wouldBlock) Temporary() bool { return true }

var errWouldBlock net.Error = wouldBlock{}

func (m *memoryConn) Read(p []byte) (int, error) {
	if m.onLoop {
		if len(m.in) == 0 {
			return 0, errWouldBlock
		}
		n := copy(p, m.in)
		m.in = m.in[n:]
		return n, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.received) == 0 && !m.ended {
		m.changed.Wait()
	}
	if len(m.received) == 0 {
		return 0, net.ErrClosed // only now: the last words of a peer may say why it has gone
	}
	n := copy(p, m.received)
	m.received = m.received[n:]
	return n, nil
}

func (m *memoryConn) Write(p []byte) (int, error) {
	if m.onLoop {
		scratch := &m.conn.loop.tls
		scratch.sealed = append(scratch.sealed, p...)
		return len(p), nil
	}
	m.mu.Lock()
	if m.ended {
		m.mu.Unlock()
		return 0, net.ErrClosed
	}
	first := len(m.written) == 0
	m.written = append(m.written, p...)
	m.mu.Unlock()
	if first {
		m.conn.Do(m.flush)
	}
	return len(p), nil
}

// feed gives the handshake bytes from the peer, which are copied. It reports false if they are too many.
func (m *memoryConn) feed(b []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.received)+len(b) > handshakeUnreadMax {
		return false
	}
	m.received = append(m.received, b...)
	m.changed.Signal()
	return true
}

// takeWritten returns what the handshake has to say.
func (m *memoryConn) takeWritten() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	written := m.written
	m.written = nil
	return written
}

// move begins the second life and returns what the handshake has left.
func (m *memoryConn) move() []byte {
	m.onLoop = true
	rest := m.received
	m.received = nil
	return rest
}

// end makes a handshake that is going on fail.
func (m *memoryConn) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = true
	m.changed.Signal()
}

// Close does nothing: the connection closes itself.
func (m *memoryConn) Close() error { return nil }

func (m *memoryConn) LocalAddr() net.Addr  { return m.conn.port.listener.Addr() }
func (m *memoryConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(m.conn.remote) }

// Deadlines are the connection's own.
func (m *memoryConn) SetDeadline(time.Time) error      { return nil }
func (m *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (m *memoryConn) SetWriteDeadline(time.Time) error { return nil }
