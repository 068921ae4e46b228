package client_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/session"
)

// peer is the server side of one connection; what it does is up to the test.
type peer struct {
	net     net.Conn
	session *session.Server
	got     chan string

	app, key, query string
	onPlay          func(p *peer, request session.Request)
	onPublish       func(p *peer, request session.Request)
	onMedia         func(p *peer, messageType uint8, timestamp uint32, payload []byte)
}

func (p *peer) OnConnect(c session.Connect) {
	p.app = c.App
	if c.App == "closed" {
		p.session.RejectConnect(session.CodeConnectRejected, "not today")
		return
	}
	p.session.AcceptConnect()
}

func (p *peer) OnPublish(r session.Publish) {
	p.key, p.query = r.Key, r.Query
	p.onPublish(p, r.Request)
}

func (p *peer) OnPlay(r session.Play) {
	p.key, p.query = r.Key, r.Query
	p.onPlay(p, r.Request)
}

func (p *peer) OnStop(_ uint32, reason session.StopReason) { p.got <- "stop " + reason.String() }

func (p *peer) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	p.onMedia(p, messageType, timestamp, payload)
}

func (p *peer) OnMetadata(_ uint32, m session.Metadata) { p.got <- "metadata" }
func (p *peer) OnData(_ uint32, d session.Data)         { p.got <- "data " + d.Name }

// serve accepts one connection and holds the conversation until it ends. It returns the address of the server.
func serve(t *testing.T, p *peer) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.got = make(chan string, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(p.got)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		p.net = c
		p.converse()
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return "rtmp://" + l.Addr().String()
}

func (p *peer) converse() {
	h := handshake.NewServer(handshake.Config{})
	reader := chunk.NewReader(chunk.ReaderConfig{})
	p.session = session.NewServer(session.ServerConfig{ChunkSize: 4096}, p)
	defer p.session.Close()
	buffer, shaken := make([]byte, 4096), false
	for {
		n, err := p.net.Read(buffer)
		if err != nil {
			return
		}
		b := buffer[:n]
		if !shaken {
			out, rest, done, err := h.Feed(nil, b)
			if err != nil {
				return
			}
			_, _ = p.net.Write(out)
			if b = rest; !done {
				continue
			}
			shaken = true
			p.session.Start()
		}
		if reader.Feed(b, p.session.Handle) != nil {
			return
		}
		p.session.Received(reader.BytesRead())
		p.flush()
		if p.session.Closing() {
			return
		}
	}
}

func (p *peer) flush() {
	_, _ = p.net.Write(p.session.Output())
	p.session.ClearOutput()
}

// send sends a message as a server does, with headers of its own.
func (p *peer) send(messageType uint8, timestamp uint32, payload []byte) {
	p.flush()
	_, _ = p.net.Write(chunk.AppendType0(nil, &chunk.Message{
		ChunkStream: 4, Type: messageType, StreamID: 1, Timestamp: timestamp, Payload: payload,
	}, 4096))
}
