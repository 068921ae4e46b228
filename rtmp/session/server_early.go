package session

import "mmids/rtmp/chunk"

// earlyMedia holds what a publisher sends before it is accepted. Encoders that do not wait for NetStream.Publish.Start
// send their sequence headers and metadata first and once; without them nothing that follows could be decoded.
//
// When it is full, it stays as it is until the decision: the oldest messages are the ones that matter.
type earlyMedia struct {
	memory   chunk.Memory
	bytesMax int
	bytes    int
	full     bool
	messages []chunk.Message
}

// hold takes m and its payload, or reports false.
func (e *earlyMedia) hold(m *chunk.Message) bool {
	if e.full || e.bytes+len(m.Payload) > e.bytesMax || len(e.messages) == earlyMessagesMax {
		e.full = true
		return false
	}
	e.bytes += len(m.Payload)
	e.messages = append(e.messages, *m)
	return true
}

// take empties it for the caller, who owns the payloads then.
func (e *earlyMedia) take() []chunk.Message {
	held := e.messages
	e.messages, e.bytes, e.full = nil, 0, false
	return held
}

func (e *earlyMedia) drop() {
	for _, m := range e.take() {
		e.memory.Free(m.Payload)
	}
}

// releaseEarly hands over what was held. The handler may stop the session meanwhile; the rest is freed then.
func (s *Server) releaseEarly(request Request) {
	for _, m := range s.early.take() {
		if s.activity.kind != publishing || s.activity.request != request {
			s.config.Memory.Free(m.Payload)
			continue
		}
		s.inner(&m)
	}
}
