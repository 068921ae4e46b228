package client

import (
	"context"
	"net"
	"time"

	"mmids/rtmp/session"
)

// Player plays one stream. It belongs to one goroutine at a time; Close may be called from any.
type Player struct{ conn *conn }

// Play connects to rtmp://host[:port]/app/key[?query] and returns when the server has begun to play it.
func Play(ctx context.Context, address string, c Config) (*Player, error) {
	k, err := open(ctx, address, c, (*session.Client).Play)
	if err != nil {
		return nil, err
	}
	return &Player{k}, nil
}

// Read waits for the next message. Errors are those of the connection, io.EOF when the server has closed it, and a
// [*session.RefusedError] when the server has ended the stream with an error.
func (p *Player) Read() (Message, error) {
	k := p.conn
	for len(k.messages) == 0 {
		if k.refused != nil {
			return Message{}, k.refused
		}
		if err := k.receive(); err != nil {
			return Message{}, err
		}
		k.extendWrites()
		if err := k.flush(); err != nil {
			return Message{}, err
		}
	}
	m := k.messages[0]
	k.messages[0] = Message{}
	if k.messages = k.messages[1:]; len(k.messages) == 0 {
		k.messages = nil
	}
	return m, nil
}

// SetReadDeadline makes Read fail with os.ErrDeadlineExceeded from t on; the zero time means never.
func (p *Player) SetReadDeadline(t time.Time) error { return p.conn.net.SetReadDeadline(t) }

// Received is how many bytes the server has sent since the handshake, as far as they have been read from the connection.
func (p *Player) Received() uint64 { return p.conn.reader.BytesRead() + uint64(len(p.conn.unchunked)) }

// Raw hands over the connection to a caller who reads its bytes without looking into them. Read must not be called any
// more, and nobody acknowledges bytes to the server from here on.
func (p *Player) Raw() net.Conn { return p.conn.net }

// LocalAddr is the client's end of the connection.
func (p *Player) LocalAddr() net.Addr { return p.conn.net.LocalAddr() }

// Close closes the connection without a word, as players do. A Read that waits returns with an error.
func (p *Player) Close() error { return p.conn.net.Close() }
