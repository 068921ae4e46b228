package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
)

// newRawPeerFrom is newRawPeer with an address of its own, such as 127.0.0.2.
func newRawPeerFrom(t testing.TB, own, address string) *rawPeer {
	t.Helper()
	dialer := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(own)}}
	c, err := dialer.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(2*patience)))
	return &rawPeer{t: t, net: c, writer: chunk.NewWriter()}
}

// TestWhoMayNotPublishLearnsNothing: not even whether somebody else publishes.
func TestWhoMayNotPublishLearnsNothing(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port} deny_ips=127.0.0.2
}`)
	publisher := feed(t, s.url("live/k"))
	publisher.send(5)
	var said []string
	for _, key := range []string{"k", "other"} {
		p := newRawPeerFrom(t, "127.0.0.2", s.address()).publish("live", key, "live")
		said = append(said, p.requireClosed())
	}
	require.Contains(t, said[0], "NetStream.Publish.Denied")
	require.Equal(t, said[1], said[0])
	require.True(t, publisher.alive())
}

// TestRTMPStrangersLearnNoVersion: what clients take for one is the same for every build.
func TestRTMPStrangersLearnNoVersion(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	const name = "FMS/3,0,1,1233" // of another product, which clients expect
	said := newRawPeer(t, s.address()).publish("live", "k", "live").waitFor("NetStream.Publish.Start").heard
	said = append(said, newRawPeer(t, s.address()).shakeHands().connect("no").requireClosed()...)
	require.Contains(t, string(said), name)
	c, err := net.Dial("tcp", s.address())
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	page, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Contains(t, string(page), "400 Bad Request")
	for _, word := range []string{"mmids", "gnet", "go1.", version} {
		require.NotContains(t, strings.ToLower(string(said)+string(page)), word)
	}
}
