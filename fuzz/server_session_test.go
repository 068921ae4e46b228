package fuzz

import (
	"bytes"
	"testing"

	"mmids/rtmp/message"
)

// FuzzServerSession gives a server any sequence of messages: each is a type, a stream id, a length and a body. Bits of the
// stream id also make the owner decide, end the session, or read on. Whatever comes, no payload is lost or freed twice,
// every publish and play that begins ends once, only one is at a time, and what goes out is whole RTMP messages.
func FuzzServerSession(f *testing.F) {
	script := func(answer byte, messages ...[]byte) { f.Add(answer, bytes.Join(messages, nil)) }
	one := func(messageType, streamID uint8, body []byte) []byte {
		return append([]byte{messageType, streamID, byte(len(body) >> 8), byte(len(body))}, body...)
	}
	connect, publish, play := one(20, 0, sessionCommands[0]), one(20, 1, sessionCommands[5]), one(20, 1, sessionCommands[9])
	for answer := range byte(5) {
		all := [][]byte{connect}
		for _, body := range sessionCommands {
			script(answer, connect, publish, one(20, 1, body), one(9, 1, []byte{0x17, 1}))
			script(answer, connect, play, one(17, 0, body), publish)
			all = append(all, one(20, 1, body))
		}
		for _, m := range sessionBodies {
			script(answer, connect, publish, one(m.messageType, 1, m.body), one(4, 0x40, nil), one(8, 0x21, []byte{1}))
			all = append(all, one(m.messageType, 0, m.body))
		}
		script(answer, all...)
	}
	f.Fuzz(func(t *testing.T, answer byte, input []byte) {
		c := newHostileClient(t, answer, sessionLimits)
		c.session.Start()
		heard := 0
		for len(input) >= 4 {
			streamID, size := input[1], min(int(input[2])<<8|int(input[3]), len(input)-4)
			// Every message is taken for 256 times its length, so that acknowledgements become due.
			c.received += uint64(size) << 8
			err := c.say(input[0], uint32(streamID&7), uint32(c.received), input[4:4+size])
			input = input[4+size:]
			heard += 12 + size
			switch streamID & 0x60 {
			case 0x20:
				c.decide(true)
			case 0x40:
				c.decide(false)
			case 0x60:
				c.onItsOwn(func() { c.session.End("over") })
			}
			c.listen()
			if requireReason(t, err); err != nil {
				break
			}
		}
		c.requireBounded(heard)
		c.end()
	})
}

// FuzzServerConversation lets a server hear what clients say, in any order, with values of wrong types, parts left out, and
// messages cut short. It is held to what FuzzServerSession holds it to.
func FuzzServerConversation(f *testing.F) {
	addPlans(f, func(code []byte) {
		f.Add(byte(answerAccept), code)
		f.Add(byte(answerLater), code)
	})
	f.Fuzz(func(t *testing.T, answer byte, code []byte) {
		p, c := &plan{code: code}, newHostileClient(t, answer, sessionLimits)
		c.session.Start()
		heard := 0
		say := func(messageType uint8, body []byte) error {
			heard += 12 + len(body)
			return c.say(messageType, pick(p, []uint32{1, 1, 1, 0, 2, 7, 1<<32 - 1}), pick(p, messageTimes), body)
		}
		if !p.one(4) {
			_ = say(message.TypeCommandAMF0, sessionBody("connect", 1.0, sessionObject("app", "live", "tcUrl", "rtmp://h/live")))
		}
		for steps := 0; !p.over() && steps < conversationSteps; steps++ {
			if err := clientActs(p, c, say); err != nil {
				requireReason(t, err)
				break
			}
		}
		c.listen()
		c.requireBounded(heard)
		c.end()
	})
}

// conversationSteps bounds a conversation, so that a fuzzer tries many.
const conversationSteps = 64

// clientActs does the next thing that the plan says.
func clientActs(p *plan, c *hostileClient, say func(uint8, []byte) error) error {
	switch p.next() % 20 {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		messageType, body := p.command(clientCommands)
		return say(messageType, body)
	case 16:
		c.decide(true)
	case 17:
		c.decide(false)
	case 18:
		c.onItsOwn(func() {
			c.session.NotifyPublish()
			c.session.NotifyUnpublish()
			c.session.Ping(uint32(p.next()))
			c.session.RequestReconnect("rtmp://other/live", "moving")
		})
	case 19:
		if p.one(4) {
			c.onItsOwn(func() { c.session.End("over") })
		}
	default:
		messageType, body := p.otherMessage()
		return say(messageType, body)
	}
	c.listen()
	return nil
}
