package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/session"
)

// readBytes is the size of the read buffer: some frames of a usual stream at once.
const readBytes = 64 << 10

// conn is a connection and the session on it. It is not for use by several goroutines at once.
type conn struct {
	net       net.Conn
	timeout   time.Duration
	reader    *chunk.Reader
	session   *session.Client
	buffer    []byte
	unchunked []byte // what was read together with the end of the handshake
	inbox
}

// open dials, shakes hands and asks for what ask says, until the server has granted or refused it.
func open(ctx context.Context, address string, c Config, ask func(s *session.Client, key string) error) (*conn, error) {
	a, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	c = c.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	n, err := c.Dial(ctx, "tcp", a.Host)
	if err != nil {
		return nil, fmt.Errorf("rtmp/client: %w", err)
	}
	k := &conn{net: n, timeout: c.Timeout, buffer: make([]byte, readBytes), reader: chunk.NewReader(chunk.ReaderConfig{})}
	k.session = session.NewClient(session.ClientConfig{
		App: a.App, TcURL: a.TcURL(), ChunkSize: c.ChunkSize, Capabilities: c.Capabilities,
	}, &k.inbox)
	release := context.AfterFunc(ctx, func() { _ = n.SetDeadline(time.Unix(1, 0)) })
	err = k.begin(a.Key, ask)
	if !release() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = n.Close()
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return nil, fmt.Errorf("rtmp/client: %w", err)
	}
	return k, nil
}

func (k *conn) begin(key string, ask func(s *session.Client, key string) error) error {
	if err := k.shakeHands(); err != nil {
		return err
	}
	k.session.Start()
	if err := ask(k.session, key); err != nil {
		return err
	}
	for !k.started {
		if err := k.flush(); err != nil {
			return err
		}
		if err := k.receive(); err != nil {
			return err
		}
		if k.refused != nil {
			return k.refused
		}
	}
	return k.flush()
}

func (k *conn) shakeHands() error {
	h := handshake.NewClient(handshake.ClientConfig{})
	out, err := h.Start(nil)
	for done := false; err == nil && !done; {
		if _, err = k.net.Write(out); err != nil {
			return err
		}
		var n int
		if n, err = k.net.Read(k.buffer); err != nil {
			return err
		}
		out, k.unchunked, done, err = h.Feed(nil, k.buffer[:n])
	}
	if err == nil && len(out) > 0 {
		_, err = k.net.Write(out)
	}
	return err
}

// receive waits for bytes and takes them in.
func (k *conn) receive() error {
	b := k.unchunked
	k.unchunked = nil
	if len(b) == 0 {
		n, err := k.net.Read(k.buffer)
		if n == 0 {
			return err
		}
		b = k.buffer[:n] // an error that came with them will come again
	}
	return k.feed(b)
}

func (k *conn) feed(b []byte) error {
	err := k.reader.Feed(b, k.session.Handle)
	k.session.Received(k.reader.BytesRead())
	return err
}

// flush sends what the session has queued.
func (k *conn) flush() error {
	out := k.session.Output()
	if len(out) == 0 {
		return nil
	}
	_, err := k.net.Write(out)
	k.session.ClearOutput()
	return err
}

func (k *conn) extendWrites() { _ = k.net.SetWriteDeadline(time.Now().Add(k.timeout)) }
