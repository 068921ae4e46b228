package client

import (
	"context"
	"net"
	"sync"

	"mmids/rtmp/session"
)

// Publisher publishes one stream. Its methods may be called from any goroutine. A goroutine of its own answers the
// server, from Publish to the end of the connection.
type Publisher struct {
	mu   sync.Mutex // guards session, inbox and writing of conn
	conn *conn
	done chan struct{}
	err  error // set before done is closed
}

// Publish connects to rtmp://host[:port]/app/key[?query] and returns when the server takes media.
func Publish(ctx context.Context, address string, c Config) (*Publisher, error) {
	k, err := open(ctx, address, c, (*session.Client).Publish)
	if err != nil {
		return nil, err
	}
	p := &Publisher{conn: k, done: make(chan struct{})}
	go p.listen()
	return p, nil
}

// listen takes in what the server says: acknowledgements, pings, the end.
func (p *Publisher) listen() {
	defer close(p.done)
	defer p.conn.net.Close()
	b := p.conn.unchunked
	buffer := make([]byte, 4096) // servers say little to publishers
	for {
		if p.err = p.answer(b); p.err != nil {
			return
		}
		n, err := p.conn.net.Read(buffer)
		if n == 0 {
			p.err = err
			return
		}
		b = buffer[:n]
	}
}

func (p *Publisher) answer(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.conn.feed(b); err != nil {
		return err
	}
	p.conn.messages = nil // statuses, which ask for nothing
	if p.conn.refused != nil {
		return p.conn.refused
	}
	return p.flush()
}

// flush sends what is queued. The caller holds the lock.
func (p *Publisher) flush() error {
	p.conn.extendWrites()
	return p.conn.flush()
}

func (p *Publisher) send(queue func(*session.Client) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := queue(p.conn.session); err != nil {
		return err
	}
	return p.flush()
}

// WriteMedia sends an audio (8) or video (9) message; timestamp is in milliseconds, the payload an FLV tag body. It waits
// while the server takes nothing.
func (p *Publisher) WriteMedia(messageType uint8, timestamp uint32, payload []byte) error {
	return p.send(func(s *session.Client) error { return s.SendMedia(messageType, timestamp, payload) })
}

// WriteMetadata sends the description of the stream, an *amf.Object or *amf.ECMAArray.
func (p *Publisher) WriteMetadata(timestamp uint32, description any) error {
	return p.send(func(s *session.Client) error { return s.SendMetadata(timestamp, description) })
}

// WriteData sends a data message: a name and values in AMF0. setDataFrame asks the server to keep it for viewers who come
// later.
func (p *Publisher) WriteData(timestamp uint32, body []byte, setDataFrame bool) error {
	return p.send(func(s *session.Client) error { return s.SendData(timestamp, body, setDataFrame) })
}

// Stop tells the server that the stream has ended. The connection stays open.
func (p *Publisher) Stop() error {
	return p.send(func(s *session.Client) error {
		s.Stop()
		return nil
	})
}

// Done is closed when the connection has ended; Err then says why.
func (p *Publisher) Done() <-chan struct{} { return p.done }

// Err is why the connection ended, nil before Done is closed.
func (p *Publisher) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// LocalAddr is the client's end of the connection.
func (p *Publisher) LocalAddr() net.Addr { return p.conn.net.LocalAddr() }

// Close closes the connection, without a word unless Stop was called, and waits for the Publisher's goroutine. A second
// call, or one after the server has ended the connection, does nothing.
func (p *Publisher) Close() {
	_ = p.conn.net.Close()
	<-p.done
}
