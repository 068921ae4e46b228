package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// secure is TLS on a link. The handshake runs on a usual connection; afterwards the loop reads and writes the socket, and
// TLS sees memory.
type secure struct {
	tls *tls.Conn
	tcp *net.TCPConn

	inMemory bool
	in       []byte // encrypted, not yet read by tls
	out      []byte // encrypted, to be sent
	buffer   []byte // decrypted
}

// dialSecure connects and shakes hands. Who the server is does not matter here.
func dialSecure(ctx context.Context, d *net.Dialer, network, address string) (*secure, error) {
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s := &secure{tcp: c.(*net.TCPConn)}
	s.tls = tls.Client(&memoryConn{TCPConn: s.tcp, secure: s}, &tls.Config{InsecureSkipVerify: true})
	if err := s.tls.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return s, nil
}

// seal encrypts. The result is valid until the next call.
func (s *secure) seal(b []byte) ([]byte, error) {
	s.out = s.out[:0]
	_, err := s.tls.Write(b)
	return s.out, err
}

// open decrypts what came, as far as records are complete. The result is valid until the next call.
func (s *secure) open(b []byte) ([]byte, error) {
	s.in = append(s.in, b...)
	s.buffer = s.buffer[:0]
	for {
		const record = 16 << 10 // the most plain text that one holds
		s.buffer = append(s.buffer, make([]byte, record)...)
		plain := len(s.buffer) - record
		n, err := s.tls.Read(s.buffer[plain:])
		s.buffer = s.buffer[:plain+n]
		if errors.Is(err, errNothingYet) {
			return s.buffer, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// memoryConn is what TLS reads and writes.
type memoryConn struct {
	*net.TCPConn
	secure *secure
}

func (m *memoryConn) Read(b []byte) (int, error) {
	s := m.secure
	if !s.inMemory {
		return m.TCPConn.Read(b)
	}
	if len(s.in) == 0 {
		return 0, errNothingYet
	}
	n := copy(b, s.in)
	s.in = s.in[:copy(s.in, s.in[n:])]
	return n, nil
}

func (m *memoryConn) Write(b []byte) (int, error) {
	s := m.secure
	if !s.inMemory {
		return m.TCPConn.Write(b)
	}
	s.out = append(s.out, b...)
	return len(b), nil
}

var _ io.ReadWriter = (*memoryConn)(nil)

// errNothingYet is temporary: crypto/tls goes on after such an error where it stopped.
var errNothingYet net.Error = nothingYet{}

type nothingYet struct{}

func (nothingYet) Error() string   { return "nothing to read yet" }
func (nothingYet) Timeout() bool   { return true }
func (nothingYet) Temporary() bool { return true }
