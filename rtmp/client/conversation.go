package client

import (
	"context"
	"net"

	"mmids/rtmp/session"
)

// Conversation is a connection that has begun to publish or play and whose bytes the caller reads and writes, for
// programs that hold thousands of them on a loop of their own. It belongs to one goroutine at a time.
type Conversation struct {
	conn  *conn
	taken bool // Feed has returned the messages
}

// OpenPlay does what [Play] does, and leaves the connection to the caller from there on.
func OpenPlay(ctx context.Context, address string, c Config) (*Conversation, error) {
	return converse(ctx, address, c, (*session.Client).Play)
}

// OpenPublish does what [Publish] does, and leaves the connection to the caller from there on.
func OpenPublish(ctx context.Context, address string, c Config) (*Conversation, error) {
	return converse(ctx, address, c, (*session.Client).Publish)
}

func converse(ctx context.Context, address string, c Config, ask func(*session.Client, string) error) (*Conversation, error) {
	k, err := open(ctx, address, c, ask)
	if err != nil {
		return nil, err
	}
	k.buffer = nil
	return &Conversation{conn: k}, nil
}

// Net is the connection.
func (c *Conversation) Net() net.Conn { return c.conn.net }

// Feed takes in bytes that were read from the connection and returns the messages of the stream that they complete, valid
// until the next call. The first call also returns what came together with the server's answer, so it may be made with no
// bytes at all. Afterwards there may be something to send.
func (c *Conversation) Feed(b []byte) ([]Message, error) {
	k := c.conn
	if c.taken {
		clear(k.messages)
		k.messages = k.messages[:0]
	}
	c.taken = true
	if early := k.unchunked; len(early) > 0 {
		k.unchunked = nil
		if err := k.feed(early); err != nil {
			return nil, err
		}
	}
	if err := k.feed(b); err != nil {
		return nil, err
	}
	if k.refused != nil {
		return nil, k.refused
	}
	return k.messages, nil
}

// Session is the state of the conversation: what is to be sent is its output, which the caller writes to the connection.
func (c *Conversation) Session() *session.Client { return c.conn.session }

// Received is how many bytes the server has sent since the handshake, as far as they have been read from the connection.
func (c *Conversation) Received() uint64 {
	return c.conn.reader.BytesRead() + uint64(len(c.conn.unchunked))
}
