package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

func TestParsePacket(t *testing.T) {
	video := func(want media.Packet, body ...byte) {
		t.Helper()
		got, err := parsePacket(message.TypeVideo, body)
		require.NoError(t, err)
		want.Kind = media.Video
		require.Equal(t, want, got)
	}
	video(media.Packet{Type: media.TypeH264, Required: true, HeaderSize: 5}, 0x17, 0, 0, 0, 0, 1, 2)
	video(media.Packet{Type: media.TypeH264, KeyFrame: true, CompositionTime: 80, HeaderSize: 5}, 0x17, 1, 0, 0, 80, 1, 2)
	video(media.Packet{Type: media.TypeH264, CompositionTime: -40, HeaderSize: 5}, 0x27, 1, 0xff, 0xff, 0xd8, 1, 2)
	video(media.Packet{Type: media.TypeH264, HeaderSize: 5}, 0x37, 1, 0, 0, 0, 1) // disposable is no key frame
	video(media.Packet{Type: "HEVC", Required: true, HeaderSize: 5}, 0x90, 'h', 'v', 'c', '1', 1)
	video(media.Packet{Type: "HEVC", KeyFrame: true, CompositionTime: 80, HeaderSize: 8}, 0x91, 'h', 'v', 'c', '1', 0, 0, 80, 1)
	video(media.Packet{Type: "Sorenson H.263", KeyFrame: true, HeaderSize: 1}, 0x12, 1, 2, 3)

	audio := func(want media.Packet, body ...byte) {
		t.Helper()
		got, err := parsePacket(message.TypeAudio, body)
		require.NoError(t, err)
		want.Kind = media.Audio
		require.Equal(t, want, got)
	}
	audio(media.Packet{Type: media.TypeAAC, Required: true, HeaderSize: 2}, 0xaf, 0, 0x12, 0x10)
	audio(media.Packet{Type: media.TypeAAC, HeaderSize: 2}, 0xaf, 1, 9)
	audio(media.Packet{Type: "MP3", HeaderSize: 1}, 0x2f, 9)
	audio(media.Packet{Type: "Opus", Required: true, HeaderSize: 5}, 0x90, 'O', 'p', 'u', 's', 1)

	// HDR metadata and the order of the channels come beside sequence headers.
	video(media.Packet{Type: "HEVC", Required: true, Aside: true, HeaderSize: 5}, []byte("\xd4hvc1\x02")...)
	audio(media.Packet{Type: "Opus", Required: true, Aside: true, HeaderSize: 5}, []byte("\x94Opus\x01\x02\x00\x00\x00\x03")...)
	// FFmpeg announces AC-3 with an empty sequence header.
	audio(media.Packet{Type: "AC-3", Required: true, HeaderSize: 5}, []byte("\x90ac-3")...)
	// Tracks: one of its own, then several of one codec and of several, then one that is cut short.
	video(media.Packet{Type: "HEVC", Required: true, Track: 2, HeaderSize: 7}, []byte("\x96\x00hvc1\x02\x01")...)
	video(media.Packet{Type: "HEVC", KeyFrame: true, HeaderSize: 6}, []byte("\x96\x13hvc1\x00\x00\x00\x01a\x03\x00\x00\x01b")...)
	video(media.Packet{Type: "HEVC", Required: true, Tracks: "\x00\x03", HeaderSize: 6}, []byte("\x96\x10hvc1\x00\x00\x00\x01a\x03\x00\x00\x01b")...)
	audio(media.Packet{Type: "Opus", Required: true, Track: 1, Tracks: "\x01\x02", HeaderSize: 2}, []byte("\x95\x20Opus\x01\x00\x00\x01amp4a\x02\x00\x00\x01b")...)
	audio(media.Packet{Type: "Opus", Required: true, Track: 1, Tracks: "\x01", HeaderSize: 2}, []byte("\x95\x20Opus\x01\x00\x00\x01amp4a\x02\x00\x00\x07b")...)
	// HEVC as encoders sent it before enhanced RTMP.
	video(media.Packet{Type: "HEVC (classic id 12)", Required: true, HeaderSize: 5}, 0x1c, 0, 0, 0, 0, 1)
	video(media.Packet{Type: "HEVC (classic id 12)", KeyFrame: true, CompositionTime: 80, HeaderSize: 5}, 0x1c, 1, 0, 0, 80, 1)

	for _, marker := range [][]byte{{0x57, 0}, {0x17, 2, 0, 0, 0}} { // a seek command, the end of a sequence
		_, err := parsePacket(message.TypeVideo, marker)
		require.ErrorIs(t, err, errNoFrame)
	}
	for _, empty := range [][]byte{
		{0x17, 0, 0, 0, 0}, {0x17, 1, 0, 0, 0}, {0x27, 1, 0, 0, 0}, {0x90, 'h', 'v', 'c', '1'}, {0x91, 'h', 'v', 'c', '1', 0, 0, 80},
	} {
		_, err := parsePacket(message.TypeVideo, empty)
		require.ErrorIs(t, err, errNoFrame)
	}
	for _, empty := range [][]byte{{0xaf, 0}, {0xaf, 1}, {0x2f}, {0x90, 'O', 'p', 'u', 's'}, {0x91, 'a', 'c', '-', '3'}, {0x92, 'O', 'p', 'u', 's'}} {
		_, err := parsePacket(message.TypeAudio, empty)
		require.ErrorIs(t, err, errNoFrame)
	}
	for cut := range 5 {
		_, err := parsePacket(message.TypeVideo, []byte{0x17, 1, 0, 0, 0}[:cut])
		require.Error(t, err, "%d bytes of a video header", cut)
	}
	_, err := parsePacket(message.TypeAudio, []byte{0xaf})
	require.Error(t, err)
}

func TestScriptBytesMax(t *testing.T) {
	c := &conn{server: &Server{}, publishing: &publishing{live: new(live)}}
	c.publishing.live.meter.Dropped() // the log has been told
	f := func(size, passed int, dropped uint64) {
		t.Helper()
		c.OnMetadata(1, session.Metadata{Body: make([]byte, size)})
		c.OnData(1, session.Data{Body: make([]byte, size)})
		require.Len(t, c.batch, passed)
		_, sums := c.publishing.live.meter.Received()
		require.Equal(t, dropped, sums.Dropped)
	}
	f(scriptBytesMax, 2, 1)
	f(scriptBytesMax+1, 2, 3)
	for _, n := range c.batch {
		n.Release()
	}
}
