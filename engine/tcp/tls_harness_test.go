package tcp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serverTLS is a configuration with a certificate that was made for this run.
var serverTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	c, err := selfSigned(key)
	if err != nil {
		panic(err)
	}
	return c
})

// selfSigned is a configuration with a certificate for a key.
func selfSigned(key crypto.Signer) (*tls.Config, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}

// clientTLS is a client's configuration for one version of TLS.
func clientTLS(version uint16) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}
}

var tlsVersions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

func openTLS(t testing.TB, m *Manager, accept func(*Conn) Handler) *Port {
	t.Helper()
	p, err := m.Open(PortConfig{Address: "127.0.0.1:0", TLS: serverTLS(), Accept: accept})
	require.NoError(t, err)
	return p
}

// dialTLS returns a connection whose handshake is done, and the socket below it.
func dialTLS(t testing.TB, p *Port, version uint16) (*tls.Conn, *net.TCPConn) {
	t.Helper()
	socket := dial(t, p)
	c := tls.Client(socket, clientTLS(version))
	require.NoError(t, c.Handshake())
	return c, socket
}

// acceptedTLS opens a port with one connection.
func acceptedTLS(t testing.TB, m *Manager, version uint16, h *handler) (*Conn, *tls.Conn, *net.TCPConn) {
	t.Helper()
	conns := make(chan *Conn, 1)
	p := openTLS(t, m, func(c *Conn) Handler {
		conns <- c
		return h
	})
	peer, socket := dialTLS(t, p, version)
	return receive(t, conns), peer, socket
}

// neverAccepts fails the test when a handler is asked for.
func neverAccepts(t testing.TB) func(*Conn) Handler {
	return func(*Conn) Handler {
		t.Error("accepted without a handshake")
		return nil
	}
}

// onlyConn waits for the one connection of a loop.
func onlyConn(t testing.TB, l *Loop) (c *Conn) {
	t.Helper()
	eventually(t, func() bool {
		on(t, l, func() {
			for c = range l.conns {
			}
		})
		return c != nil
	}, "no connection")
	return c
}
