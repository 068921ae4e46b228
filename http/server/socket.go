package server

import (
	"encoding/binary"
	"errors"

	"mmids/engine/limits"
)

// socket reads the frames of a WebSocket's client, as its bytes come. What viewers say is nothing but control frames; the
// payload of others is thrown away.
type socket struct {
	header  []byte // of a frame, not complete
	op      byte
	mask    [4]byte
	left    uint64 // of the payload
	read    int    // of the payload
	control []byte // payload of a control frame, unmasked
	inside  bool   // a frame
}

const (
	controlMax = 125 // bytes of a control frame's payload (RFC 6455 §5.5)
	maskBit    = 0x80
	maskLen    = 4
	controlBit = 8
	reserved   = 0x70
)

var errFrame = errors.New("the WebSocket's frames cannot be understood")

// socketOwner does what frames ask for.
type socketOwner interface {
	pong(payload []byte)
	end(code uint16, reason string)
	closing() bool
}

// feed takes bytes of the client.
func (s *socket) feed(b []byte, owner socketOwner) {
	for len(b) > 0 && !owner.closing() {
		if !s.inside {
			s.header = append(s.header, b[0])
			b = b[1:]
			complete, err := s.headerComplete()
			if err != nil {
				owner.end(closeProtocol, err.Error())
				return
			}
			if !complete {
				continue
			}
			s.inside = true
		}
		n := int(min(uint64(len(b)), s.left))
		s.payload(b[:n])
		b = b[n:]
		if s.left == 0 {
			s.inside = false
			s.handle(owner)
		}
	}
}

// headerComplete reads the header if all of it is there.
func (s *socket) headerComplete() (bool, error) {
	h := s.header
	if len(h) < 2 {
		return false, nil
	}
	length := frameHeaderLenOf(h[1])
	if len(h) < length+maskLen {
		return false, nil
	}
	s.op, s.left = h[0]&0xF, uint64(h[1]&^maskBit)
	switch s.left {
	case length16:
		s.left = uint64(binary.BigEndian.Uint16(h[2:]))
	case length64:
		s.left = binary.BigEndian.Uint64(h[2:])
	}
	isControl := s.op&controlBit != 0
	switch {
	case h[0]&reserved != 0, h[1]&maskBit == 0, s.op > opPong, s.op > opBinary && s.op < opClose:
		return false, errFrame
	case isControl && (s.left > controlMax || h[0]&finalFrame == 0):
		return false, errFrame
	}
	copy(s.mask[:], h[length:])
	s.header, s.control, s.read = s.header[:0], s.control[:0], 0
	return true, nil
}

// payload takes bytes of the current frame.
func (s *socket) payload(b []byte) {
	s.left -= uint64(len(b))
	if s.op&controlBit == 0 {
		return
	}
	for _, x := range b {
		s.control = append(s.control, x^s.mask[s.read%maskLen])
		s.read++
	}
}

// handle does what a complete frame says.
func (s *socket) handle(owner socketOwner) {
	switch s.op {
	case opPing:
		owner.pong(s.control)
	case opClose:
		owner.end(closeNormal, "")
	}
}

// pong implements socketOwner.
func (c *conn) pong(payload []byte) {
	if c.pings++; c.pings > c.server.config.PingsMax {
		c.countLimit(limits.CommandsPerSecond, errPings)
		c.end(closePolicy, errPings.Error())
		return
	}
	c.watching.viewer.Interject(appendFrame(nil, opPong, payload))
}

// closing implements socketOwner.
func (c *conn) closing() bool { return c.tcp.Closing() }
