package client

import (
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// Message is a message of the stream that is played.
type Message struct {
	// Type is message.TypeAudio, TypeVideo, TypeDataAMF0 for metadata and other data, or TypeCommandAMF0 for a status.
	Type uint8
	// Timestamp is in milliseconds and wraps after 49.7 days; a status has none.
	Timestamp uint32
	// Payload is an FLV tag body: header and media, or name and values in AMF0. It belongs to the receiver.
	Payload []byte
	// Status is what the server had to tell.
	Status message.Status
}

// inbox collects what the server sends.
type inbox struct {
	started  bool
	refused  error
	messages []Message
}

var _ session.ClientHandler = (*inbox)(nil)

func (i *inbox) OnConnected(session.Connected) {}
func (i *inbox) OnPublishStart(uint32)         { i.started = true }
func (i *inbox) OnPlayStart(uint32)            { i.started = true }
func (i *inbox) OnError(err error)             { i.refused = err }

func (i *inbox) OnStatus(n session.Notice) {
	i.messages = append(i.messages, Message{Type: message.TypeCommandAMF0, Status: n.Status})
}

func (i *inbox) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	i.messages = append(i.messages, Message{Type: messageType, Timestamp: timestamp, Payload: payload})
}

func (i *inbox) OnMetadata(_ uint32, m session.Metadata) { i.data(m.Timestamp, m.Body) }
func (i *inbox) OnData(_ uint32, d session.Data)         { i.data(d.Timestamp, d.Body) }

func (i *inbox) data(timestamp uint32, body []byte) {
	i.messages = append(i.messages, Message{Type: message.TypeDataAMF0, Timestamp: timestamp, Payload: append([]byte(nil), body...)})
}
