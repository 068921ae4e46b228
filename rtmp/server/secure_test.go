package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// withCertificate is a configuration for RTMPS.
func withCertificate(t *testing.T) server.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return server.Config{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
}

// dialSecure is dial over TLS.
func dialSecure(t *testing.T, port int, app string) *peer {
	t.Helper()
	return dialOver(t, func(c net.Conn) net.Conn { return tls.Client(c, &tls.Config{InsecureSkipVerify: true}) }, port, app)
}

func secureReceiveAndWatch(port int, app string) string {
	return fmt.Sprintf("rtmp_receive rtmp_app=%s stream_key=* port=%d rtmps\nrtmp_watch rtmp_app=%s stream_key=* port=%d rtmps", app, port, app, port)
}

func TestPublishAndPlayOverTLS(t *testing.T) {
	h := newHarness(t, withCertificate(t))
	port := freePort(t)
	require.Equal(t, "Running", h.apply("w", secureReceiveAndWatch(port, "live")).Status())
	publisher := dialSecure(t, port, "live").publish("cam")
	publisher.want("publish start")
	viewer := dialSecure(t, port, "live").play("cam")
	viewer.want("play start")
	publisher.send(video, 0, key...)
	viewer.want("video 0 " + hex(key))
	dialSecure(t, port, "other").want("refused: rtmp server refused connect: NetConnection.Connect.Rejected: "+
		fmt.Sprintf("No workflow uses the app \"other\" on port %d.", port), "closed")
	h.stop("w")
	viewer.want("status Play.Stop", "closed")
}

// TestPortWithAndWithoutTLS registers both ways on one port; the first is not touched.
func TestPortWithAndWithoutTLS(t *testing.T) {
	h := newHarness(t, withCertificate(t))
	for _, first := range []bool{false, true} {
		port := freePort(t)
		in := request(port, "live", "*", workflow.NewOwner("first"))
		in.TLS = first
		r, err := h.server.ListenPublishers(in, newRegistrant())
		require.NoError(t, err)
		other := request(port, "other", "*", workflow.NewOwner("second"))
		other.TLS = !first
		_, err = h.server.ListenWatchers(other, newRegistrant())
		var clash *watch.TLSError
		require.ErrorAs(t, err, &clash)
		require.Equal(t, watch.TLSError{Port: port, TLS: first, Option: "rtmps"}, *clash)
		require.False(t, workflow.IsTemporary(err))
		if first {
			dialSecure(t, port, "live").publish("cam").want("publish start")
		} else {
			dial(t, port, "live").publish("cam").want("publish start")
		}
		r.Close()
	}
}

// TestWorkflowThatTurnsTLSOn does so on the port that it has: as an update that does not work, and says what does.
func TestWorkflowThatTurnsTLSOn(t *testing.T) {
	h := newHarness(t, withCertificate(t))
	port := freePort(t)
	h.apply("w", receiveAndWatch(port, "live"))
	publisher, viewer := dial(t, port, "live").publish("cam"), dial(t, port, "live").play("cam")
	publisher.want("publish start")
	viewer.want("play start")

	d := h.apply("w", secureReceiveAndWatch(port, "live"))
	require.Equal(t, "Running", d.Status())
	require.Equal(t, fmt.Sprintf("not instantiated: port %d is open without TLS and cannot be used with it as long as this workflow's "+
		"present steps have it; choose another port, or stop the workflow and start it again with it", port), d.UpdateFailure.Message)
	publisher.send(video, 0, key...)
	viewer.want("video 0 " + hex(key))

	h.stop("w") // whose clients still linger when the next one begins
	require.Equal(t, "Running", h.apply("w", secureReceiveAndWatch(port, "live")).Status())
	dialSecure(t, port, "live").publish("cam").want("publish start")
}

func TestTLSWithoutCertificate(t *testing.T) {
	h := newHarness(t, server.Config{})
	in := request(freePort(t), "live", "*", workflow.NewOwner("w"))
	in.TLS = true
	_, err := h.server.ListenPublishers(in, newRegistrant())
	require.ErrorIs(t, err, server.ErrNoCertificate)
	require.ErrorContains(t, err, "tls_cert_path")
	require.False(t, workflow.IsTemporary(err))
	require.False(t, isOpen(in.Port))
}

// TestWrongProtocol speaks TLS to a plain port and plain RTMP to one with TLS.
func TestWrongProtocol(t *testing.T) {
	h := newHarness(t, withCertificate(t))
	plain, secure := freePort(t), freePort(t)
	h.apply("plain", receiveAndWatch(plain, "live"))
	h.apply("secure", secureReceiveAndWatch(secure, "live"))
	err := tls.Client(dialRaw(t, plain).conn, &tls.Config{InsecureSkipVerify: true}).Handshake()
	require.Error(t, err)
	c := dialRaw(t, secure).conn
	_, err = c.Write(append([]byte{3}, make([]byte, 1536)...))
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(patience)))
	rest, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Empty(t, rest)
}
