package server

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// readBack decodes what wire encoded, with the chunk size that clients are told.
func readBack(t *testing.T, encoded []byte) []chunk.Message {
	t.Helper()
	r := chunk.NewReader(chunk.ReaderConfig{})
	w := chunk.NewWriter()
	announce := w.Append(nil, &chunk.Message{ChunkStream: 2, Type: message.TypeSetChunkSize, Payload: []byte{0, 0, chunkSize >> 8, chunkSize & 0xff}})
	var got []chunk.Message
	err := r.Feed(append(announce, encoded...), func(m *chunk.Message) error {
		got = append(got, *m)
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, got)
	return got[1:]
}

func TestWireMessages(t *testing.T) {
	for _, size := range []int{1, 100, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 5} {
		for _, time := range []int64{0, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFFF} {
			tag := bytes.Repeat([]byte{0x5a}, size)
			encoded := wire{}.Append([]byte("before"), media.Video, time, tag)[len("before"):]
			require.Len(t, encoded, wire{}.Len(media.Video, time, size))
			require.Equal(t, len(encoded), wire{}.MessageLen(append(encoded, 1, 2, 3)))
			require.Equal(t, time, wire{}.Time(encoded))
			first, whole := body(encoded)
			require.Equal(t, tag[:min(size, chunkSize)], first)
			require.Equal(t, size <= chunkSize, whole)
			require.Equal(t, tag, appendBody(nil, encoded))
			got := readBack(t, append(encoded, encoded...))
			require.Len(t, got, 2)
			require.Equal(t, chunk.Message{ChunkStream: csidVideo, Type: message.TypeVideo, StreamID: wireStreamID, Timestamp: uint32(time), Payload: tag}, got[1])
		}
	}
}

func TestWireTimeWraps(t *testing.T) {
	encoded := wire{}.Append(nil, media.Audio, 1<<32+7, []byte{1})
	require.Equal(t, uint32(7), readBack(t, encoded)[0].Timestamp)
}

func TestWireKinds(t *testing.T) {
	for kind, want := range map[media.Kind]uint8{
		media.Audio: message.TypeAudio, media.Video: message.TypeVideo, media.Other: message.TypeDataAMF0,
	} {
		require.Equal(t, want, readBack(t, wire{}.Append(nil, kind, 0, []byte{1}))[0].Type)
	}
}

func TestWireOnAnotherMessageStream(t *testing.T) {
	encoded := wire{}.Append(nil, media.Video, 0x1000000, bytes.Repeat([]byte{7}, 2*chunkSize))
	for _, streamID := range []uint32{0, 2, 77} {
		want := readBack(t, encoded)[0]
		want.StreamID = streamID
		require.Equal(t, want, readBack(t, appendOn(streamID, nil, encoded))[0])
	}
}

func TestWireNotices(t *testing.T) {
	require.Empty(t, wire{}.AppendNotice(nil, media.Disconnected, 0))
	notice := wire{}.AppendNotice(nil, media.NewStream, 40)
	require.Equal(t, len(notice), wire{}.MessageLen(notice))
	m := readBack(t, notice)[0]
	require.Equal(t, uint8(message.TypeCommandAMF0), m.Type)
	require.Contains(t, string(m.Payload), "NetStream.Play.PublishNotify")
}
