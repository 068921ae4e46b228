package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/client"
	"mmids/rtmp/session"
)

// TestNetworkLimits: publishers have to come from one network and over TLS, viewers may come from anywhere and without. In
// the course of it other workflows ask for the two ports the other way round; that harms nobody.
func TestNetworkLimits(t *testing.T) {
	t.Parallel()
	limited := func(network string) string {
		return `
workflow limited {
    rtmp_receive rtmp_app=live stream_key=* port={port2} rtmps allow_ips=` + network + `
    rtmp_watch   rtmp_app=live stream_key=* port={port}
}`
	}
	s := startServer(t, fmt.Sprintf("tls_cert_path %q\ntls_cert_password secret", makePFX(t, "secret")), limited("127.0.0.1,10.0.0.0/24"))
	secure := fmt.Sprintf("rtmps://%s:%d/live/cam", s.host, s.port("2"))
	viewer := watch(t, s.url("live/cam"))
	publisher := publishFile(t, must(t, sourceFile), secure)
	viewer.waitVideo(sourceGOP)
	require.Equal(t, []string{"aac", "h264,320,240"}, probe(t, s.url("live/cam")))

	// From elsewhere: viewers may, publishers may not.
	elsewhere := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	free, err := client.Play(context.Background(), s.url("live/cam"), client.Config{Dial: elsewhere.DialContext})
	require.NoError(t, err)
	defer free.Close()
	overTLS := tls.Dialer{NetDialer: elsewhere, Config: &tls.Config{InsecureSkipVerify: true}}
	outside := fmt.Sprintf("rtmp://%s:%d/live/other", s.host, s.port("2")) // the client's own URLs say nothing of TLS
	requireRefusal(t, outside, overTLS.DialContext, "NetStream.Publish.Denied", "Publishing is not allowed from 127.0.0.2.")
	// Without TLS: that port has viewers only.
	requireRefusal(t, s.url("live/cam"), nil, session.CodePublishBadName, `The app "live" takes no publisher for the stream key "cam".`)
	require.NotZero(t, publishFile(t, must(t, otherFile), s.url("live/other")).wait(patience), "ffmpeg without TLS")

	for _, clash := range []struct{ step, message string }{
		{"rtmp_watch rtmp_app=x stream_key=* port={port2}", "port {port2} is open with TLS and cannot be used without it at the same time; choose another port or add rtmps"},
		{"rtmp_receive rtmp_app=x stream_key=* port={port} rtmps", "port {port} is open without TLS and cannot be used with it at the same time; choose another port or leave rtmps out"},
	} {
		s.put("workflow clash {\n " + clash.step + "\n}\n")
		eventually(t, "the clash is an error of the workflow that came last", func() bool {
			d := s.details("clash")
			return len(d.PendingSteps) == 1 && d.Status == "Step id "+d.PendingSteps[0].ID+" failed: not instantiated: "+s.fill(clash.message)
		})
	}

	publisher.succeeds(patience)
	sent := source(t)
	requireSame(t, "the viewer", sent, viewer.waitAll(sent))
	s.put(limited("10.0.0.0/24"))
	s.running("limited", 2)
	require.NotZero(t, publishFile(t, must(t, sourceFile), secure).wait(patience), "ffmpeg from outside of the network")
	eventually(t, "the log says why", func() bool {
		for _, line := range s.logged("client refused") {
			if line["reason"] == "Publishing is not allowed from 127.0.0.1." {
				return true
			}
		}
		return false
	})
	require.False(t, viewer.gone())
}

// requireRefusal publishes and checks what the client is told.
func requireRefusal(t testing.TB, url string, dial func(context.Context, string, string) (net.Conn, error), code, description string) {
	t.Helper()
	_, err := client.Publish(context.Background(), url, client.Config{Dial: dial})
	var refused *session.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code)
	require.Equal(t, description, refused.Description)
}
