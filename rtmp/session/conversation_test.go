package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// wire carries what one session says to the other, in pieces of at most size bytes.
func wire(t *testing.T, output []byte, size int, reader *chunk.Reader, handle func(*chunk.Message) error) {
	t.Helper()
	for len(output) > 0 {
		n := min(size, len(output))
		require.NoError(t, reader.Feed(output[:n], handle))
		output = output[n:]
	}
}

// TestConversations lets client and server sessions talk through real chunks, cut at every size that there is.
func TestConversations(t *testing.T) {
	for size := 1; size < 400; size++ {
		converse(t, size, "publish")
		converse(t, size, "play")
	}
	converse(t, 1<<20, "publish")
	converse(t, 1<<20, "play")
}

func converse(t *testing.T, size int, what string) {
	t.Helper()
	server := newTestServer(t, session.ServerConfig{})
	client := newTestClient(t, session.ClientConfig{})
	toServer := chunk.NewReader(chunk.ReaderConfig{Memory: server.memory})
	toClient := chunk.NewReader(chunk.ReaderConfig{Memory: client.memory})

	// The harness reads what it notes from the output. Here the other session does, so events alone are noted.
	serverHandler, clientHandler := &eventsOf{testServer: server}, &clientEvents{testClient: client}
	server.Server = session.NewServer(session.ServerConfig{Memory: server.memory}, serverHandler)
	client.Client = session.NewClient(session.ClientConfig{App: "live", TcURL: "rtmp://h/live", Memory: client.memory}, clientHandler)

	exchange := func() {
		for len(client.Output())+len(server.Output()) > 0 {
			out := append([]byte(nil), client.Output()...)
			client.ClearOutput()
			wire(t, out, size, toServer, server.Handle)
			server.Received(toServer.BytesRead())
			out = append([]byte(nil), server.Output()...)
			server.ClearOutput()
			wire(t, out, size, toClient, client.Handle)
			client.Received(toClient.BytesRead())
		}
	}
	server.Start()
	client.Start()
	if what == "publish" {
		require.NoError(t, client.Publish("cam?token=a"))
	} else {
		require.NoError(t, client.Play("cam?token=a"))
	}
	exchange()
	if what == "play" {
		require.Equal(t, []string{"connect live", "play 1 cam token=a"}, serverHandler.events)
		require.Equal(t, []string{"connected", "play start 1", "data |RtmpSampleAccess"}, clientHandler.events)
		require.True(t, server.NotifyUnpublish())
		client.Stop()
		exchange()
		require.Equal(t, "stop 1 deleteStream", serverHandler.events[2])
		return
	}
	require.Equal(t, []string{"connected", "publish start 1"}, clientHandler.events)
	require.NoError(t, client.SendMetadata(0, description))
	require.NoError(t, client.SendMedia(message.TypeVideo, 0, make([]byte, 5000)))
	require.NoError(t, client.SendMedia(message.TypeAudio, 20, make([]byte, 50)))
	require.NoError(t, client.SendMedia(message.TypeAudio, 40, make([]byte, 50)))
	require.NoError(t, client.SendMedia(message.TypeAudio, 60, make([]byte, 50)))
	exchange()
	client.Stop()
	exchange()
	require.Equal(t, []string{"connect live", "publish 1 cam token=a", "metadata {width: 640}", "video 0 5000", "audio 20 50",
		"audio 40 50", "audio 60 50", "stop 1 FCUnpublish"}, serverHandler.events)
}
