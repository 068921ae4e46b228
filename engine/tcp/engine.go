package tcp

import (
	"fmt"
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// engine receives gnet's callbacks. A connection's context is its *Conn, a control socket's its *Loop.
type engine struct {
	gnet.BuiltinEventEngine
	manager *Manager
}

func (e *engine) OnOpen(g gnet.Conn) ([]byte, gnet.Action) {
	c, ok := g.Context().(*Conn)
	if !ok {
		return nil, gnet.None
	}
	defer c.loop.reap()
	c.open(g)
	c.loop.arrived()
	return nil, gnet.None
}

func (e *engine) OnTraffic(g gnet.Conn) gnet.Action {
	begun := time.Now()
	switch owner := g.Context().(type) {
	case *Loop:
		_, _ = g.Discard(-1)
		owner.serve()
		owner.reap()
		now := time.Now()
		owner.busy.note(begun, now)
		owner.gather(now)
		owner.rest()
	case *Conn:
		loop := owner.loop
		received, _ := g.Next(-1) // all of it, so that gnet keeps and copies nothing
		loop.latest.spoke(owner)
		owner.received(received)
		if owner.bulk > 1 {
			loop.readBulk(begun)
		}
		loop.reap()
		now := time.Now()
		loop.busy.note(begun, now)
		loop.gathering.read(now)
	}
	return gnet.None
}

func (e *engine) OnClose(g gnet.Conn, err error) gnet.Action {
	if c, ok := g.Context().(*Conn); ok {
		c.closedBy(err)
	}
	return gnet.None
}

// setOptions sets what every accepted socket needs on a listener, which hands it down: a system call per port instead of
// one per connection. Failing to set one is no reason to refuse a port.
func setOptions(fd int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 15)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 15)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3)
}

// setOwnOptions sets what a socket does not get from its listener.
func setOwnOptions(fd int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentBytes)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout/time.Millisecond))
}

// gnetLogger writes gnet's own lines to our log, lower than gnet thinks: its information is for developers, and it
// warns of events for sockets that were closed in the same round, which is no irregularity here.
type gnetLogger struct{ log zerolog.Logger }

func (g gnetLogger) Debugf(format string, args ...any) {
	g.log.Trace().Msg(fmt.Sprintf(format, args...))
}
func (g gnetLogger) Infof(format string, args ...any) {
	g.log.Debug().Msg(fmt.Sprintf(format, args...))
}
func (g gnetLogger) Warnf(format string, args ...any) {
	g.log.Debug().Msg(fmt.Sprintf(format, args...))
}
func (g gnetLogger) Errorf(format string, args ...any) {
	g.log.Error().Msg(fmt.Sprintf(format, args...))
}
func (g gnetLogger) Fatalf(format string, args ...any) {
	g.log.Error().Msg(fmt.Sprintf(format, args...))
}
