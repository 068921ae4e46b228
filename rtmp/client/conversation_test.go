package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/client"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// TestOpenPlay reads the connection byte by byte: no message may be lost or come twice, however it is cut.
func TestOpenPlay(t *testing.T) {
	server := &peer{onPlay: func(p *peer, r session.Request) {
		p.session.AcceptPlay(r)
		p.send(message.TypeVideo, 7, []byte("frame"))
		p.send(message.TypeAudio, 8, []byte("sound"))
		_ = p.net.(*net.TCPConn).CloseWrite()
	}}
	c, err := client.OpenPlay(context.Background(), serve(t, server)+"/live/cam", client.Config{})
	require.NoError(t, err)
	defer c.Net().Close()
	require.Positive(t, c.Received())
	require.Positive(t, c.Session().Window())

	var got []client.Message
	take := func(b []byte) {
		t.Helper()
		messages, err := c.Feed(b)
		require.NoError(t, err)
		for _, m := range messages {
			if m.Type == message.TypeAudio || m.Type == message.TypeVideo {
				got = append(got, m)
			}
		}
	}
	before := c.Received()
	take(nil)
	require.Equal(t, before, c.Received())
	b := make([]byte, 1)
	read := uint64(0)
	for {
		n, err := c.Net().Read(b)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		read += uint64(n)
		take(b[:n])
	}
	require.Equal(t, before+read, c.Received())
	require.Equal(t, []client.Message{
		{Type: message.TypeVideo, Timestamp: 7, Payload: []byte("frame")},
		{Type: message.TypeAudio, Timestamp: 8, Payload: []byte("sound")},
	}, got)
}

func TestOpenPublish(t *testing.T) {
	got := make(chan string, 1)
	server := &peer{onPublish: acceptPublish, onMedia: func(_ *peer, _ uint8, _ uint32, payload []byte) {
		got <- string(payload)
	}}
	c, err := client.OpenPublish(context.Background(), serve(t, server)+"/live/cam", client.Config{})
	require.NoError(t, err)
	defer c.Net().Close()
	require.NoError(t, c.Session().SendMedia(message.TypeVideo, 40, []byte("frame")))
	_, err = c.Net().Write(c.Session().Output())
	require.NoError(t, err)
	require.Equal(t, "frame", <-got)
}
