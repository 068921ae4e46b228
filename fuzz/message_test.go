package fuzz

import (
	"bytes"
	"errors"
	"testing"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// FuzzMessage parses any body as any message type. What can be parsed must be written back so that it parses to the same
// bytes again, a body must never be touched, and an aggregate must hold no more than its bytes.
func FuzzMessage(f *testing.F) {
	for _, body := range sessionCommands {
		f.Add(message.TypeCommandAMF0, uint32(0), body)
		f.Add(message.TypeCommandAMF3, uint32(0), body)
	}
	for _, m := range sessionBodies {
		f.Add(m.messageType, uint32(0xfffffff0), m.body)
	}
	f.Fuzz(func(t *testing.T, messageType uint8, timestamp uint32, body []byte) {
		bareMessage(messageType).require(t, body)
		before := bytes.Clone(body)
		p := message.Parser{Limits: amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096}}
		m := chunk.Message{Type: messageType, StreamID: 1, Timestamp: timestamp, Payload: body}
		parsed, err := p.Parse(&m)
		if err != nil {
			var parseErr *message.ParseError
			if !errors.As(err, &parseErr) || parseErr.Type != messageType || parseErr.Offset > len(body) {
				t.Fatalf("error is not typed, or about something else: %#v", err)
			}
			return
		}
		if parsed.Type() != messageType {
			t.Fatalf("type %d was parsed as %d", messageType, parsed.Type())
		}
		if aggregate, ok := parsed.(*message.Aggregate); ok {
			messageSplits(t, aggregate)
		}
		once, err := parsed.AppendBody(nil)
		if err != nil {
			return // a command with a value that contains itself
		}
		again, err := (&message.Parser{}).Parse(&chunk.Message{Type: messageType, StreamID: 1, Timestamp: timestamp, Payload: once})
		if err != nil {
			t.Fatalf("% x was parsed, but not % x, which it was written as: %v", body, once, err)
		}
		if twice, err := again.AppendBody(nil); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written as % x, then as % x (%v)", once, twice, err)
		}
		if !bytes.Equal(body, before) {
			t.Fatal("Parse has changed the body")
		}
	})
}

func messageSplits(t *testing.T, a *message.Aggregate) {
	var sub chunk.Message
	used, count := 0, 0
	messages := a.Messages()
	for messages.Next(&sub) {
		used += 11 + len(sub.Payload)
		count++
		if count == 1 && sub.Timestamp != a.Timestamp {
			t.Fatalf("first message inside is at %d, the aggregate at %d", sub.Timestamp, a.Timestamp)
		}
	}
	if used > len(a.Body) || count > message.AggregateMessagesMax {
		t.Fatalf("%d messages with %d bytes in an aggregate of %d", count, used, len(a.Body))
	}
}
