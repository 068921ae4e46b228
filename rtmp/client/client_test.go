package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

func TestParseAddress(t *testing.T) {
	f := func(text, host, app, key string) {
		t.Helper()
		a, err := client.ParseAddress(text)
		require.NoError(t, err)
		require.Equal(t, client.Address{Host: host, App: app, Key: key}, a)
	}
	f("rtmp://h/live/k", "h:1935", "live", "k")
	f("rtmp://h:19350/live/k", "h:19350", "live", "k")
	f("rtmp://h/live/instance/k", "h:1935", "live/instance", "k")
	f("rtmp://h/live/k?token=a/b&c=%20", "h:1935", "live", "k?token=a/b&c=%20")
	f("rtmp://[::1]/live/k", "[::1]:1935", "live", "k")
	f("rtmp://[::1]:19350/live/k", "[::1]:19350", "live", "k")
	for _, wrong := range []string{"", "h/live/k", "http://h/live/k", "rtmp://", "rtmp://h", "rtmp://h/live", "rtmp://h/live/", "rtmp:///live/k", "rtmp://h//k",
		"rtmp://{::1]:1935/live/k"} {
		_, err := client.ParseAddress(wrong)
		require.Error(t, err, wrong)
	}
}

func acceptPublish(p *peer, r session.Request) { p.session.AcceptPublish(r) }
func acceptPlay(p *peer, r session.Request)    { p.session.AcceptPlay(r) }

func TestPublish(t *testing.T) {
	type media struct {
		messageType uint8
		timestamp   uint32
		payload     string
	}
	got := make(chan media, 10)
	server := &peer{onPublish: acceptPublish, onMedia: func(_ *peer, messageType uint8, timestamp uint32, payload []byte) {
		got <- media{messageType, timestamp, string(payload)}
	}}
	p, err := client.Publish(context.Background(), serve(t, server)+"/live/cam?token=a", client.Config{ChunkSize: 1000})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.Err())

	require.NoError(t, p.WriteMetadata(0, &amf.Object{Properties: []amf.Property{{Name: "width", Value: 320.0}}}))
	require.Equal(t, "metadata", <-server.got)
	long := strings.Repeat("frame", 10_000)
	require.NoError(t, p.WriteMedia(message.TypeVideo, 40, []byte(long)))
	require.NoError(t, p.WriteMedia(message.TypeAudio, 1<<32-1, []byte("sound")))
	require.Equal(t, media{message.TypeVideo, 40, long}, <-got)
	require.Equal(t, media{message.TypeAudio, 1<<32 - 1, "sound"}, <-got)
	require.NoError(t, p.WriteData(80, amf.AppendString(nil, "onCuePoint"), false))
	require.Equal(t, "data onCuePoint", <-server.got)
	require.Equal(t, []string{"live", "cam", "token=a"}, []string{server.app, server.key, server.query})

	require.NoError(t, p.Stop())
	require.Equal(t, "stop FCUnpublish", <-server.got)
	require.ErrorIs(t, p.WriteMedia(message.TypeVideo, 0, []byte("x")), session.ErrNotPublishing)
	p.Close()
	require.Error(t, p.Err())
	p.Close()
}

func TestPlay(t *testing.T) {
	server := &peer{onPlay: func(p *peer, r session.Request) {
		p.session.AcceptPlay(r)
		p.send(message.TypeVideo, 7, []byte("frame"))
		p.send(message.TypeAudio, 8, []byte("sound"))
		p.send(message.TypeDataAMF0, 9, amf.AppendString(nil, "onMetaData"))
		p.session.NotifyUnpublish()
		p.flush()
		_ = p.net.(*net.TCPConn).CloseWrite()
	}}
	p, err := client.Play(context.Background(), serve(t, server)+"/live/cam", client.Config{})
	require.NoError(t, err)
	defer p.Close()
	var got []client.Message
	for {
		m, err := p.Read()
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
		got = append(got, m)
	}
	var media []client.Message
	var codes []string
	for _, m := range got {
		switch {
		case m.Type == message.TypeCommandAMF0:
			codes = append(codes, m.Status.Code)
		case !strings.Contains(string(m.Payload), "SampleAccess"):
			media = append(media, m)
		}
	}
	require.Equal(t, []client.Message{
		{Type: message.TypeVideo, Timestamp: 7, Payload: []byte("frame")},
		{Type: message.TypeAudio, Timestamp: 8, Payload: []byte("sound")},
		{Type: message.TypeDataAMF0, Timestamp: 9, Payload: amf.AppendString(nil, "onMetaData")},
	}, media)
	require.Contains(t, codes, session.CodePlayUnpublishNotify)
}

// TestRaw goes on reading where the player stopped.
func TestRaw(t *testing.T) {
	server := func() *peer {
		return &peer{onPlay: func(p *peer, r session.Request) {
			p.session.AcceptPlay(r)
			p.send(message.TypeVideo, 7, []byte("frame"))
			_ = p.net.(*net.TCPConn).CloseWrite()
		}}
	}
	whole, err := client.Play(context.Background(), serve(t, server())+"/live/cam", client.Config{})
	require.NoError(t, err)
	defer whole.Close()
	for err == nil {
		_, err = whole.Read()
	}
	p, err := client.Play(context.Background(), serve(t, server())+"/live/cam", client.Config{})
	require.NoError(t, err)
	defer p.Close()
	rest, err := io.ReadAll(p.Raw())
	require.NoError(t, err)
	require.Equal(t, whole.Received(), p.Received()+uint64(len(rest)))
}

func TestReadDeadline(t *testing.T) {
	p, err := client.Play(context.Background(), serve(t, &peer{onPlay: acceptPlay})+"/live/cam", client.Config{})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.SetReadDeadline(time.Unix(1, 0)))
	for err == nil {
		_, err = p.Read()
	}
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestRefusals(t *testing.T) {
	f := func(during, code string, do func(address string) error) {
		t.Helper()
		var refused *session.RefusedError
		require.ErrorAs(t, do(serve(t, &peer{
			onPublish: func(p *peer, r session.Request) {
				p.session.RejectPublish(r, session.CodePublishBadName, "busy")
			},
			onPlay: func(p *peer, r session.Request) { p.session.RejectPlay(r, session.CodePlayStreamNotFound, "no") },
		})), &refused)
		require.Equal(t, []string{during, code}, []string{refused.During, refused.Code})
	}
	publish := func(path string) func(string) error {
		return func(address string) error {
			_, err := client.Publish(context.Background(), address+path, client.Config{})
			return err
		}
	}
	f("connect", session.CodeConnectRejected, publish("/closed/k"))
	f("publish", session.CodePublishBadName, publish("/live/k"))
	f("play", session.CodePlayStreamNotFound, func(address string) error {
		_, err := client.Play(context.Background(), address+"/live/k", client.Config{})
		return err
	})
}

// TestServerEndsThePublisher covers a refusal in the middle of a stream.
func TestServerEndsThePublisher(t *testing.T) {
	server := &peer{onPublish: acceptPublish, onMedia: func(p *peer, _ uint8, _ uint32, _ []byte) { p.session.End("enough") }}
	p, err := client.Publish(context.Background(), serve(t, server)+"/live/k", client.Config{})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.WriteMedia(message.TypeVideo, 0, []byte("frame")))
	<-p.Done()
	require.Error(t, p.Err())
}

// TestSilentServer covers a server that accepts the connection and says nothing.
func TestSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, err = client.Play(context.Background(), "rtmp://"+l.Addr().String()+"/live/k", client.Config{Timeout: time.Millisecond})
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = client.Play(ctx, "rtmp://"+l.Addr().String()+"/live/k", client.Config{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestNotAnRTMPServer(t *testing.T) {
	here, there := net.Pipe()
	go func() {
		_, _ = there.Read(make([]byte, 4096))
		_, _ = io.WriteString(there, "HTTP/1.1 400 Bad Request\r\n\r\n")
		_ = there.Close()
	}()
	_, err := client.Publish(context.Background(), "rtmp://h/live/k", client.Config{
		Dial: func(context.Context, string, string) (net.Conn, error) { return here, nil },
	})
	require.Error(t, err)
	require.False(t, errors.Is(err, context.DeadlineExceeded))
}

// TestAnswersInPieces feeds the client one byte at a time.
func TestAnswersInPieces(t *testing.T) {
	server := &peer{onPlay: func(p *peer, r session.Request) {
		p.session.AcceptPlay(r)
		p.send(message.TypeVideo, 7, []byte("frame"))
	}}
	p, err := client.Play(context.Background(), serve(t, server)+"/live/cam", client.Config{
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return slow{c}, err
		},
	})
	require.NoError(t, err)
	defer p.Close()
	for {
		m, err := p.Read()
		require.NoError(t, err)
		if m.Type == message.TypeVideo {
			require.Equal(t, "frame", string(m.Payload))
			return
		}
	}
}

// slow reads a byte at a time.
type slow struct{ net.Conn }

func (s slow) Read(b []byte) (int, error) { return s.Conn.Read(b[:1]) }
