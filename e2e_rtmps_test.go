package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// makePFX writes a certificate and its key to a PKCS#12 file, as operators do.
func makePFX(t testing.TB, password string) string {
	t.Helper()
	dir := t.TempDir()
	key, cert, pfx := filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "cert.pfx")
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", cert},
		{"pkcs12", "-export", "-inkey", key, "-in", cert, "-out", pfx, "-passout", "pass:" + password},
	} {
		out, err := exec.Command("openssl", args...).CombinedOutput()
		require.NoError(t, err, "this test needs openssl: %s", out)
	}
	return pfx
}

// TestRTMPS: publishing and watching over TLS with ffmpeg, next to a plain port, and clients that mix them up.
func TestRTMPS(t *testing.T) {
	t.Parallel()
	s := startServer(t, fmt.Sprintf("tls_cert_path %q\ntls_cert_password secret", makePFX(t, "secret")), `
workflow w {
    rtmp_receive rtmp_app=live stream_key=* port={port2} rtmps
    rtmp_watch   rtmp_app=live stream_key=* port={port2} rtmps
    rtmp_watch   rtmp_app=live stream_key=* port={port}
}`)
	secure := fmt.Sprintf("rtmps://%s:%d/live/cam", s.host, s.port("2"))
	file := filepath.Join(t.TempDir(), "over-tls.flv")
	plain := watch(t, s.url("live/cam"))
	record := ffmpegRecords(t, secure, file)
	eventually(t, "viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })

	sent := source(t)
	publisher := publishFile(t, must(t, sourceFile), secure)
	plain.waitVideo(sourceGOP)
	probe := startProcess(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", secure)
	mistaken := []*process{
		publishFile(t, must(t, otherFile), strings.Replace(secure, "rtmps:", "rtmp:", 1)),
		startProcess(t, "ffprobe", "-v", "error", strings.Replace(s.url("live/cam"), "rtmp:", "rtmps:", 1)),
	}
	for _, p := range mistaken {
		require.NotZero(t, p.wait(patience))
	}
	probe.succeeds(patience)
	require.Equal(t, []string{"aac", "h264,320,240"}, sortedLines(probe.output.String()))
	s.put("workflow clash {\n rtmp_watch rtmp_app=x stream_key=* port={port2}\n}\n")
	eventually(t, "the clash is noticed", func() bool {
		return strings.Contains(s.details("clash").Status, "is open with TLS")
	})

	publisher.succeeds(patience)
	requireSame(t, "plain viewer", sent, plain.waitAll(sent))
	s.delete("w")
	_ = record.wait(patience)
	requireWhole(t, "viewer over TLS", sent, readFLV(t, file))
	for _, line := range []string{
		"client does not speak TLS on a port that does; its URL may have to begin with rtmps://",
		"client speaks TLS on a port that does not; its URL may have to begin with rtmp://, or the step needs rtmps",
	} {
		eventually(t, "there is a line for the client that mixes them up", func() bool { return len(s.logged(line)) == 1 })
	}
}

// TestRTMPSWithoutCertificate puts only the step's workflow in error.
func TestRTMPSWithoutCertificate(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple+"workflow secure {\n rtmp_watch rtmp_app=x stream_key=* port={port2} rtmps\n}\n")
	require.Contains(t, s.details("secure").Status, "tls_cert_path")
	s.running("simple", 2)
}

// TestCertificateThatCannotBeUsed ends the start.
func TestCertificateThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	fails := func(settings string, want ...string) {
		t.Helper()
		p := startProcess(t, must(t, binary), "--config", writeConfig(t, "settings {\n"+settings+"\n}\n"))
		require.Equal(t, 1, p.wait(patience))
		for _, w := range want {
			require.Contains(t, p.output.String(), w)
		}
		require.NotContains(t, p.output.String(), "hunter2")
	}
	pfx := makePFX(t, "secret")
	fails(fmt.Sprintf("tls_cert_path %q\ntls_cert_password hunter2", pfx), "some.config:2:", pfx, "the password is wrong")
	fails("tls_cert_path nothing.pfx", "some.config:2:", "nothing.pfx", "no such file")
}
