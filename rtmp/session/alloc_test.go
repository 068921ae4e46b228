//go:build !race

package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

func TestServerTakesMediaAndControlWithoutAllocating(t *testing.T) {
	s := newSink(session.ServerConfig{})
	for _, m := range []chunk.Message{
		data(t, 20, 0, "connect", 1.0, object("app", "live")), data(t, 20, 1, "publish", 2.0, nil, "cam"),
	} {
		require.NoError(t, s.Handle(&m))
	}
	total := uint64(0)
	for name, m := range map[string]chunk.Message{
		"video":           {Type: message.TypeVideo, StreamID: 1, Payload: make([]byte, 5000)},
		"audio":           {Type: message.TypeAudio, StreamID: 1, Payload: make([]byte, 50)},
		"ping":            {Type: message.TypeUserControl, Payload: []byte{0, 6, 0, 0, 0, 1}},
		"acknowledgement": {Type: message.TypeAcknowledgement, Payload: make([]byte, 4)},
		"window":          {Type: message.TypeWindowAckSize, Payload: []byte{0, 0, 0, 1}},
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			_ = s.Handle(&m)
			total += 5000
			s.Received(total)
			s.ClearOutput()
		}), name)
	}
}

func TestClientSendsAndTakesMediaWithoutAllocating(t *testing.T) {
	c := publishingClient(t)
	payload := make([]byte, 5000)
	timestamp := uint32(0)
	send := func() {
		timestamp += 20
		_ = c.SendMedia(message.TypeVideo, timestamp, payload)
		_ = c.SendMedia(message.TypeAudio, timestamp, payload[:50])
		c.ClearOutput()
	}
	send()
	require.Zero(t, testing.AllocsPerRun(100, send))
}
