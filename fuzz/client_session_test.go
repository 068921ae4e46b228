package fuzz

import (
	"testing"

	"mmids/rtmp/message"
)

// FuzzClientConversation lets a client hear what servers say, in any order and with values of wrong types, while its owner
// begins and stops. It may not start what was not asked for, nor end without its payloads, and what it says is whole
// messages, no more of them than it was given reason for.
func FuzzClientConversation(f *testing.F) {
	addPlans(f, func(code []byte) { f.Add(code) })
	f.Fuzz(func(t *testing.T, code []byte) {
		p, s := &plan{code: code}, newHostileServer(t)
		s.start()
		heard := 0
		say := func(messageType uint8, body []byte) error {
			heard += 12 + len(body)
			return s.say(messageType, pick(p, []uint32{1, 1, 0, 7}), pick(p, messageTimes), body)
		}
		s.begin(pick(p, []string{"publish", "play"}))
		if !p.one(4) {
			accepted, created := serverCommands[0], serverCommands[1]
			_ = say(message.TypeCommandAMF0, sessionBody(append([]any{"_result", 1.0}, accepted.values...)...))
			transaction := map[string]float64{"publish": 4, "play": 2}[s.wanted]
			_ = say(message.TypeCommandAMF0, sessionBody(append([]any{"_result", transaction}, created.values...)...))
		}
		for steps := 0; !p.over() && steps < conversationSteps; steps++ {
			if err := serverActs(p, s, say); err != nil {
				requireReason(t, err)
				break
			}
		}
		s.requireBounded(heard)
		s.end()
	})
}

// serverActs does the next thing that the plan says.
func serverActs(p *plan, s *hostileServer, say func(uint8, []byte) error) error {
	switch p.next() % 20 {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		messageType, body := p.command(serverCommands)
		return say(messageType, body)
	case 15:
		s.begin("publish")
	case 16:
		s.begin("play")
	case 17:
		s.stop()
	case 18:
		s.send()
	case 19:
		s.onItsOwn(func() { s.session.Ping(uint32(p.next())) })
	default:
		messageType, body := p.otherMessage()
		return say(messageType, body)
	}
	return nil
}
