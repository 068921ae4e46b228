package session

import (
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// splitAggregate hands the media and data messages inside a to take, each with a payload of its own that take then owns.
// Messages of other types have no business there. An aggregate that lies about a length ends where it does.
func splitAggregate(a *message.Aggregate, memory chunk.Memory, take func(*chunk.Message)) {
	var sub chunk.Message
	messages := a.Messages()
	for messages.Next(&sub) {
		switch sub.Type {
		case message.TypeAudio, message.TypeVideo, message.TypeDataAMF0, message.TypeDataAMF3:
			own := memory.Alloc(len(sub.Payload))
			copy(own, sub.Payload)
			sub.Payload = own
			take(&sub)
		}
	}
}
