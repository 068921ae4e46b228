package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/bench/stream"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

var shape = stream.Config{Bitrate: 2_600_000, FPS: 30, GOP: 60}

// read reads a source's bytes back and checks their marks.
func read(t *testing.T, b []byte) (media []stream.Mark) {
	t.Helper()
	r := chunk.NewReader(chunk.ReaderConfig{})
	err := r.Feed(append(prelude(), b...), func(m *chunk.Message) error {
		if m.Type == message.TypeSetChunkSize {
			return nil
		}
		mark, _, err := stream.Read(m.Type, m.Payload)
		require.Equal(t, mark.Timestamp, m.Timestamp)
		media = append(media, mark)
		return err
	})
	require.NoError(t, err)
	for i, m := range media {
		require.Equal(t, uint64(i), m.Number)
	}
	return media
}

func TestOnePerMessage(t *testing.T) {
	began := time.Unix(100, 0)
	s := newSource(shape, 0, began)
	var all []byte
	for s.due().Before(began.Add(time.Second)) {
		due := s.due()
		from := len(all)
		all = s.append(all)
		require.Greater(t, len(all), from)
		media := read(t, all)
		require.True(t, due.Equal(media[len(media)-1].Sent))
	}
	require.Len(t, read(t, all), 30+44)
}

func TestInterval(t *testing.T) {
	began := time.Unix(100, 0)
	s := newSource(shape, 50*time.Millisecond, began)
	var all []byte
	for i := range 20 {
		require.Equal(t, began.Add(time.Duration(i+1)*50*time.Millisecond), s.due())
		all = s.append(all)
	}
	require.Len(t, read(t, all), 30+44, "the same stream in 20 pieces")
}

// TestServer lets viewers in and out, and sends from memory.
func TestServer(t *testing.T) {
	s, err := newServer("127.0.0.1:0")
	require.NoError(t, err)
	s.log = make([]byte, logMax)
	s.trim()
	require.Equal(t, int64(logMax/2), s.base)
	require.Len(t, s.log, logMax/2)
	_, err = newServer("nowhere:x")
	require.Error(t, err)
	_, err = newServer(s.address)
	require.Error(t, err, "the port is taken")
}
