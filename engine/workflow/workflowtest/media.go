package workflowtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// NewStream returns a stream notice.
func NewStream(id media.StreamID, name string) media.Notification {
	return media.Notification{Event: media.NewStream, Stream: id, Name: name}
}

// Disconnected returns the end of a stream.
func Disconnected(id media.StreamID) media.Notification {
	return media.Notification{Event: media.Disconnected, Stream: id}
}

// Metadata returns a stream's description.
func Metadata(id media.StreamID, fields ...media.Field) media.Notification {
	return media.Notification{
		Event:    media.MetadataChanged,
		Stream:   id,
		Metadata: &media.Metadata{Fields: fields},
	}
}

// Header returns a sequence header of the codec (H.264 or AAC) whose FLV tag body is tag. The count on the payload is
// the caller's.
func Header(id media.StreamID, kind media.Kind, tag string) media.Notification {
	n := Packet(id, kind, 0, tag)
	n.Packet.Required = true
	return n
}

// KeyFrame returns a video packet at which decoding can start. The count on the payload is the caller's.
func KeyFrame(id media.StreamID, time int64, tag string) media.Notification {
	n := Packet(id, media.Video, time, tag)
	n.Packet.KeyFrame = true
	return n
}

// Packet returns a plain packet. The count on the payload is the caller's.
func Packet(id media.StreamID, kind media.Kind, time int64, tag string) media.Notification {
	p := media.Packet{Kind: kind, Time: time, Body: media.CopyBuffer([]byte(tag))}
	switch kind {
	case media.Video:
		p.Type, p.HeaderSize = media.TypeH264, min(5, len(tag))
	case media.Audio:
		p.Type, p.HeaderSize = media.TypeAAC, min(2, len(tag))
	}
	return media.Notification{Event: media.Coded, Stream: id, Packet: p}
}

// NoLeaks fails the test if, when it is over, payload memory is in use that was not before. It is to be called first,
// and not in tests that run in parallel with others.
func NoLeaks(t testing.TB) {
	before := media.InUse()
	t.Cleanup(func() { require.Equal(t, before, media.InUse(), "payloads that nobody released") })
}
