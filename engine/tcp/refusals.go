package tcp

import (
	"net/netip"

	"github.com/rs/zerolog"
)

// TurnedAway returns how many connections were closed right after they had been accepted, because of a limit or for
// want of descriptors. Any goroutine.
func (m *Manager) TurnedAway() uint64 { return m.refused.Load() }

// turnedAway notes a connection that was closed at once. They come by the thousand, at a time when the machine has better
// things to do than to write a line for each.
func (p *Port) turnedAway(from netip.Addr, why error) {
	p.manager.refused.Add(1)
	log := p.log.Sample(p.lines)
	log.Warn().Err(why).Stringer("ip", from).Msg("connection turned away")
}

// Complain begins a log line about what a stranger did, with the fields that identify the connection. It returns nil, which
// takes fields and is not written, when the port has had its lines for this second. Any goroutine.
func (c *Conn) Complain(log *zerolog.Logger, level zerolog.Level) *zerolog.Event {
	sampled := log.Sample(c.port.lines)
	return c.Log(sampled.WithLevel(level))
}

// clientLinesPerSecond bounds the lines of a port that Note begins: more than people read and fewer than clients that come and
// go as fast as they can would cause.
const clientLinesPerSecond = 100

// Note begins a log line about what clients may do, such as to come and to go. It returns nil, which takes fields and is not
// written, when the port has had its lines for this second. Any goroutine.
func (c *Conn) Note(log *zerolog.Logger, level zerolog.Level) *zerolog.Event {
	sampled := log.Sample(c.port.routine)
	return sampled.WithLevel(level)
}

// tellRoutineLeftOut is the one line about those that Note did not let through.
func (p *Port) tellRoutineLeftOut(lines uint64) {
	p.log.Info().Uint64("lines", lines).Msg("further lines about clients that came or went were left out")
}

// tellLeftOut is the one line about those that Complain did not let through.
func (p *Port) tellLeftOut(lines uint64) {
	p.log.Warn().Uint64("lines", lines).Msg("further lines about clients of this port were left out")
}
