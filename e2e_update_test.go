package main

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// giveUp hands over an update that has no mistakes and cannot work, and waits until it has been given up. It returns the error
// of the step that is to blame.
func (s *testServer) giveUp(workflow, update string) string {
	s.t.Helper()
	before := s.details(workflow)
	lines := len(s.logged(givenUp))
	s.put(update)
	var d details
	eventually(s.t, "the update is given up", func() bool {
		d = s.details(workflow)
		return d.UpdateError != ""
	})
	require.Equal(s.t, "Running", d.Status)
	require.Equal(s.t, before.ActiveSteps, d.ActiveSteps, "the steps that run are the same")
	eventually(s.t, "the log says so", func() bool { return len(s.logged(givenUp)) > lines })
	failed := ""
	for _, step := range d.PendingSteps {
		message, isError := strings.CutPrefix(step.Status, "Error: ")
		if isError {
			require.Equal(s.t, "Step id "+step.ID+" failed: "+message, d.UpdateError)
			failed = message
		}
	}
	require.NotEmpty(s.t, failed, "a pending step says what is wrong: %v", d.PendingSteps)
	return failed
}

const givenUp = "workflow update is given up, the steps that run go on"

// TestUpdateThatCannotWork gives a running workflow one update after the other that fails for a reason of its own. Its
// publisher and its viewer notice nothing.
func TestUpdateThatCannotWork(t *testing.T) {
	t.Parallel()
	s := startServer(t, fmt.Sprintf("tls_cert_path %q\ntls_cert_password secret", makePFX(t, "secret")), simple+`
workflow secure {
    rtmp_watch rtmp_app=secure stream_key=* port={port2} rtmps
}
workflow other {
    rtmp_receive rtmp_app=other stream_key=a port={port}
}`)
	f, v := feed(t, s.url("live/k")), watch(t, s.url("live/k"))
	f.begin(v)
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", s.host, s.port("3")))
	require.NoError(t, err)
	with := func(steps string) string { return strings.Replace(simple, "\n}", steps+"\n}", 1) }

	for _, c := range []struct{ what, update, message string }{
		{"a key that another workflow has", with("\nrtmp_receive rtmp_app=other stream_key=* port={port}"),
			`not instantiated: workflow "other" already takes publishers for app "other", stream key "a" on port {port}`},
		{"plain on a port with TLS", with("\nrtmp_watch rtmp_app=x stream_key=* port={port2}"),
			"not instantiated: port {port2} is open with TLS and cannot be used without it at the same time; choose another port or add rtmps"},
		{"TLS on its own plain port", strings.ReplaceAll(simple, "port={port}", "port={port} rtmps"),
			"not instantiated: port {port} is open without TLS and cannot be used with it at the same time; choose another port or leave rtmps out"},
		{"a folder that cannot be made", with("\nffmpeg_hls path=/proc/nowhere"), "the folder for the playlists cannot be made: mkdir /proc/nowhere: no such file or directory"},
		{"a port of another program", with("\nrtmp_watch rtmp_app=x stream_key=* port={port3}"),
			"not instantiated: port {port3} is in use by another program, or for another protocol"},
	} {
		require.Equal(t, s.fill(c.message), s.giveUp("simple", c.update), c.what)
		f.send(10)
		v.waitAll(f.sent)
	}
	require.Greater(t, s.details("simple").RetryInSeconds, 0.0)
	require.NoError(t, l.Close())
	d := s.running("simple", 3) // by itself, as the port is free
	require.Empty(t, d.UpdateError)
	watch(t, fmt.Sprintf("rtmp://%s:%d/x/k", s.host, s.port("3")))

	s.giveUp("simple", with("\nrtmp_watch rtmp_app=x stream_key=* port={port2}"))
	s.put(simple)
	s.running("simple", 2)
	f.send(30)
	requireSame(t, "the viewer all the while", f.sent, v.waitAll(f.sent))
	require.True(t, f.alive())
	s.running("other", 1)
	s.running("secure", 1)
}

// TestUpdateWithoutCertificate turns RTMPS on at a server that has no certificate.
func TestUpdateWithoutCertificate(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	f, v := feed(t, s.url("live/k")), watch(t, s.url("live/k"))
	f.begin(v)
	require.Equal(t, "not instantiated: rtmps needs a certificate: name one in the settings with tls_cert_path",
		s.giveUp("simple", strings.ReplaceAll(simple, "port={port}", "port={port2} rtmps")))
	f.send(30)
	requireSame(t, "the viewer", f.sent, v.waitAll(f.sent))
}
