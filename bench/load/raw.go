package main

import (
	"time"

	"mmids/bench/stream"
	"mmids/rtmp/chunk"
	"mmids/rtmp/client"
)

// rawInput reads a raw stream: RTMP chunks, without a handshake or commands in front of them.
type rawInput struct {
	reader   *chunk.Reader
	messages []client.Message
}

func newRawInput() *rawInput { return &rawInput{reader: chunk.NewReader(chunk.ReaderConfig{})} }

func (r *rawInput) Feed(b []byte) ([]client.Message, error) {
	r.messages = r.messages[:0]
	err := r.reader.Feed(b, func(m *chunk.Message) error {
		r.messages = append(r.messages, client.Message{Type: m.Type, Timestamp: m.Timestamp, Payload: m.Payload})
		return nil
	})
	return r.messages, err
}

// rawCopy follows a raw stream without looking at it: all of them have the same plan, and count a message as sent when it
// is due.
type rawCopy struct {
	plan  *stream.Plan
	next  stream.Packet
	began time.Time
}

// newRawCopy finds out from a message when the stream began.
func newRawCopy(c stream.Config, m stream.Mark) *rawCopy {
	r := &rawCopy{plan: stream.NewPlan(c)}
	for range m.Number + 1 {
		r.next = r.plan.Next()
	}
	r.began = m.Sent.Add(-r.next.At)
	return r
}

// due returns the bytes of the messages that have become due since the last call.
func (r *rawCopy) due(now time.Time) (bytes int64) {
	for ; !r.began.Add(r.next.At).After(now); r.next = r.plan.Next() {
		bytes += int64(r.next.Size)
	}
	return bytes
}
