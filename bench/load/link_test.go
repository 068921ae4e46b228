package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// newLink returns a link and what it is connected with.
func newLink(t *testing.T) (*link, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	peer, err := l.Accept()
	require.NoError(t, err)
	fd, err := takeSocket(c.(*net.TCPConn))
	require.NoError(t, err)
	k := &link{fd: fd}
	t.Cleanup(func() {
		k.close()
		_ = peer.Close()
	})
	return k, peer.(*net.TCPConn)
}

// wait waits until there is something to read, or room to write.
func (l *link) wait(t *testing.T, events int16) {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(l.fd), Events: events}}, -1)
		if err == unix.EINTR {
			continue
		}
		require.NoError(t, err)
		require.Equal(t, 1, n)
		return
	}
}

func TestLinkReads(t *testing.T) {
	l, peer := newLink(t)
	_, err := l.discard()
	require.Equal(t, errAgain, err)
	_, err = peer.Write(make([]byte, 1000))
	require.NoError(t, err)
	for l.received < 1000 {
		l.wait(t, unix.POLLIN)
		_, err := l.discard()
		require.NoError(t, err)
	}
	_, err = peer.Write([]byte("text"))
	require.NoError(t, err)
	l.wait(t, unix.POLLIN)
	b := make([]byte, 10)
	n, err := l.read(b)
	require.NoError(t, err)
	require.Equal(t, "text", string(b[:n]))
	require.Equal(t, int64(1004), l.received)
	require.NoError(t, peer.Close())
	l.wait(t, unix.POLLIN)
	_, err = l.read(b)
	require.Equal(t, io.EOF, err)
}

// TestLinkSends sends more than a socket takes: nothing may be lost or change places.
func TestLinkSends(t *testing.T) {
	l, peer := newLink(t)
	var sent []byte
	for i := 0; len(l.unsent) == 0; i++ {
		piece := bytes.Repeat([]byte{byte(i)}, 100_000)
		sent = append(sent, piece...)
		require.NoError(t, l.send(piece))
	}
	sent = append(sent, "end"...)
	require.NoError(t, l.send([]byte("end")))
	got := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(peer)
		got <- b
	}()
	for len(l.unsent) > 0 {
		l.wait(t, unix.POLLOUT)
		require.NoError(t, l.flush())
	}
	l.close()
	require.True(t, bytes.Equal(sent, <-got))
}

// TestSecure talks over TLS in both ways, on a connection and then in memory.
func TestSecure(t *testing.T) {
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	certificate := web.TLS.Certificates[0]
	web.Close()
	require.IsType(t, &x509.Certificate{}, web.Certificate())

	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	require.NoError(t, err)
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			defer c.Close()
			_, err = io.Copy(c, c) // what comes goes back
		}
		served <- err
	}()
	s, err := dialSecure(context.Background(), &net.Dialer{}, "tcp", l.Addr().String())
	require.NoError(t, err)
	_, err = s.tls.Write([]byte("before"))
	require.NoError(t, err)
	b := make([]byte, 6)
	_, err = io.ReadFull(s.tls, b)
	require.NoError(t, err)
	require.Equal(t, "before", string(b))

	s.inMemory = true
	fd, err := takeSocket(s.tcp)
	require.NoError(t, err)
	k := &link{fd: fd, secure: s}
	sent := bytes.Repeat([]byte("0123456789"), 5000)
	require.NoError(t, k.send(sent))
	var got []byte
	raw := make([]byte, 777)
	for len(got) < len(sent) {
		k.wait(t, unix.POLLIN)
		n, err := k.read(raw)
		require.NoError(t, err)
		plain, err := s.open(raw[:n])
		require.NoError(t, err)
		got = append(got, plain...)
	}
	require.Equal(t, sent, got)
	require.Greater(t, k.received, int64(len(sent)), "what TLS adds is counted")
	k.close()
	require.NoError(t, <-served)
}
