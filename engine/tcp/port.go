package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"mmids/engine/limits"
	"mmids/engine/panics"
)

// Port is an open listener.
type Port struct {
	manager  *Manager
	listener net.Listener
	tls      *tls.Config // nil for a plain port
	accept   func(*Conn) Handler
	lost     func(error)
	exempt   bool
	log      zerolog.Logger
	lines    *limits.Lines // about strangers
	routine  *limits.Lines // about what clients do all day
	closed   chan struct{}
	once     sync.Once
}

// PortConfig says what to listen on.
type PortConfig struct {
	// Address is host:port. Without a host it means every IPv4 and IPv6 address of the machine.
	Address string

	// TLS, unless nil, makes connections speak TLS, 1.2 or later, without session tickets.
	TLS *tls.Config

	// Accept makes the handler of a new connection, on the connection's loop: with TLS when the handshake is done. If
	// it returns nil, the connection is closed.
	Accept func(*Conn) Handler

	// Exempt is for a port of the server's own helpers: the limits on connections are for strangers, who must not be
	// able to use up what the helpers need.
	Exempt bool

	// Lost, unless nil, is told when the listener fails for good. The port is closed then. It must not wait for
	// Manager.Stop.
	Lost func(error)
}

// Open binds a port and starts to accept. When it returns without an error, the port is bound.
func (m *Manager) Open(c PortConfig) (*Port, error) {
	config := net.ListenConfig{
		KeepAlive: -1, // or it is set again for each accepted connection
		Control: func(_, _ string, socket syscall.RawConn) error {
			return socket.Control(func(fd uintptr) { setOptions(int(fd)) })
		},
	}
	listener, err := config.Listen(context.Background(), "tcp", c.Address)
	if err != nil {
		return nil, err
	}
	p := &Port{
		manager:  m,
		listener: listener,
		tls:      tlsConfigOf(c.TLS),
		accept:   c.Accept,
		lost:     c.Lost,
		exempt:   c.Exempt,
		log:      m.config.Log.With().Int("port", listener.Addr().(*net.TCPAddr).Port).Logger(),
		closed:   make(chan struct{}),
	}
	p.lines = limits.NewLines(limits.RefusalLines, m.config.RefusalLinesMax, m.config.Limits, p.tellLeftOut)
	p.routine = limits.NewLines(limits.ClientLines, clientLinesPerSecond, m.config.Limits, p.tellRoutineLeftOut)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		_ = listener.Close()
		return nil, errors.New("the server is stopping")
	}
	m.ports[p] = struct{}{}
	m.accepting.Go(p.acceptAll)
	return p, nil
}

// Number is the port's number.
func (p *Port) Number() int { return p.listener.Addr().(*net.TCPAddr).Port }

// Close stops accepting and frees the port. Accepted connections live on. Any goroutine; may be called twice.
func (p *Port) Close() {
	p.once.Do(func() {
		close(p.closed)
		_ = p.listener.Close()
		p.lines.Close()
		p.routine.Close()
		p.manager.mu.Lock()
		delete(p.manager.ports, p)
		p.manager.mu.Unlock()
	})
}

const (
	acceptPauseMin = 5 * time.Millisecond
	acceptPauseMax = time.Second
	acceptLogPause = time.Second // least time between two lines about it
)

// acceptAll accepts until the port is closed. Running out of descriptors, or a peer that has gone already, must not
// cost the port, so it pauses and goes on.
func (p *Port) acceptAll() {
	pause, logged := time.Duration(0), time.Time{}
	for {
		nc, err := p.listener.Accept()
		if err == nil {
			pause = 0
			panics.Contain(p.log, "panic while a connection was accepted; it is closed", func() { p.enroll(nc.(*net.TCPConn)) })
			continue
		}
		select {
		case <-p.closed:
			return
		default:
		}
		if errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.EINVAL) {
			p.fail(err)
			return
		}
		pause = min(max(2*pause, acceptPauseMin), acceptPauseMax)
		if now := time.Now(); now.Sub(logged) >= acceptLogPause { // with a descriptor now and then, it is every few ms
			p.log.Warn().Err(err).Dur("pause", pause).Msg("cannot accept connections at the moment")
			logged = now
		}
		select {
		case <-p.closed:
			return
		case <-time.After(pause):
		}
	}
}

func (p *Port) fail(err error) {
	p.log.Error().Err(err).Msg("port lost")
	p.Close()
	if p.lost != nil {
		panics.Contain(p.log, "panic while the port's owner was told", func() { p.lost(err) })
	}
}

// enroll hands a connection to a loop, or closes it.
func (p *Port) enroll(nc *net.TCPConn) {
	enrolled := false
	defer func() {
		if !enrolled {
			_ = nc.Close()
		}
	}()
	remote := nc.RemoteAddr().(*net.TCPAddr).AddrPort()
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	if err := p.manager.admit(remote.Addr(), p.exempt); err != nil {
		p.turnedAway(remote.Addr(), err)
		return
	}
	l := p.manager.pick()
	c := &Conn{id: uuid.NewString(), port: p, loop: l, remote: remote, config: &p.manager.config}
	opened, err := l.el.Enroll(gnet.NewContext(context.Background(), c), nc)
	if err != nil {
		c.notEnrolled(err)
		return
	}
	enrolled = true
	p.manager.enrolled.add(c, opened)
}
