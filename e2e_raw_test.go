package main

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/message"
)

// rawPeer is a client that says exactly what a test tells it to.
type rawPeer struct {
	t      testing.TB
	net    net.Conn
	writer *chunk.Writer
	heard  []byte // what the server said
}

func newRawPeer(t testing.TB, address string) *rawPeer {
	t.Helper()
	c, err := net.DialTimeout("tcp", address, patience)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(2*patience)))
	return &rawPeer{t: t, net: c, writer: chunk.NewWriter()}
}

// write sends bytes. The server may have closed the connection already.
func (p *rawPeer) write(b []byte) {
	p.t.Helper()
	if _, err := p.net.Write(b); err != nil && !isClosed(err) {
		p.t.Fatal(err)
	}
}

func (p *rawPeer) shakeHands() *rawPeer {
	p.t.Helper()
	h := handshake.NewClient(handshake.ClientConfig{})
	out, err := h.Start(nil)
	require.NoError(p.t, err)
	buffer := make([]byte, 4096)
	for done := false; !done; {
		p.write(out)
		n, err := p.net.Read(buffer)
		require.NoError(p.t, err)
		out, p.heard, done, err = h.Feed(nil, buffer[:n])
		require.NoError(p.t, err)
	}
	p.write(out)
	return p
}

func (p *rawPeer) message(messageType uint8, streamID, timestamp uint32, body []byte) *rawPeer {
	p.t.Helper()
	p.write(p.writer.Append(nil, &chunk.Message{ChunkStream: 3, Type: messageType, StreamID: streamID, Timestamp: timestamp, Payload: body}))
	return p
}

func (p *rawPeer) command(streamID uint32, name string, transaction float64, object any, arguments ...any) *rawPeer {
	p.t.Helper()
	m := message.Command{Name: name, Transaction: transaction, Object: object, Arguments: arguments}
	body, err := m.AppendBody(nil)
	require.NoError(p.t, err)
	return p.message(message.TypeCommandAMF0, streamID, 0, body)
}

func (p *rawPeer) connect(app string) *rawPeer {
	p.t.Helper()
	return p.command(0, "connect", 1, &amf.Object{Properties: []amf.Property{{Name: "app", Value: app}}})
}

// waitFor waits until the server has said something with a text in it.
func (p *rawPeer) waitFor(text string) *rawPeer {
	p.t.Helper()
	buffer := make([]byte, 4096)
	for !strings.Contains(string(p.heard), text) {
		n, err := p.net.Read(buffer)
		p.heard = append(p.heard, buffer[:n]...)
		require.NoError(p.t, err, "while waiting for %s", text)
	}
	return p
}

// publish goes as far as the server's answer to publish.
func (p *rawPeer) publish(app, key, mode string) *rawPeer {
	p.t.Helper()
	return p.shakeHands().connect(app).waitFor("NetConnection.Connect.Success").
		command(0, "createStream", 2, nil).command(1, "publish", 3, nil, key, mode)
}

// requireClosed checks that the server closes the connection, and returns what it said last.
func (p *rawPeer) requireClosed() string {
	p.t.Helper()
	rest, err := io.ReadAll(p.net)
	if err != nil && !isClosed(err) {
		p.t.Fatalf("the server did not close the connection: %v", err)
	}
	return string(p.heard) + string(rest)
}

func isClosed(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed)
}
