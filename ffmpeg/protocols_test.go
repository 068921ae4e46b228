package ffmpeg

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestWhitelist(t *testing.T) {
	const network = "http,https,rist,rtmp,rtmpe,rtmps,rtmpt,rtmpte,rtmpts,rtp,rtsp,rtsps,srt,tcp,tls,udp," +
		"crypto,ffrtmpcrypt,ffrtmphttp,httpproxy"
	f := func(p Protocols, address, want string) {
		t.Helper()
		got, err := p.Whitelist(address)
		require.NoError(t, err, address)
		require.Equal(t, want, got, address)
	}
	operator := Protocols{Files: true, Further: []string{"concat", "tee"}}
	for _, address := range []string{"rtmp://h/a/k", "https://h/x.m3u8?t=1", "rtsp://u:p@h/1", "srt://h:9000?mode=caller", "tcp://h:1"} {
		f(Protocols{}, address, network)
		f(operator, address, network) // whatever else is allowed, what comes from the network gets no file
	}
	for _, address := range []string{"film.mp4", "/films/a film.mp4", "./a:b", "/a:b", "file:///x", "file:x", "a b:c", "-", ""} {
		f(operator, address, "file,crypto")
	}
	f(operator, "concat:a.ts|b.ts", network+",file,crypto,concat,tee")

	for _, address := range []string{
		"film.mp4", "/etc/passwd", "../x", "-", "", " rtmp://h/a/k", "file:///etc/passwd", "file:/etc/passwd", "FILE:///etc/passwd",
		"concat:/etc/passwd|/etc/group", "pipe:0", "pipe:", "fd:3", "data:text/plain,x", "subfile,,start,0,end,9,,:/etc/passwd",
		"crypto:///etc/passwd", "crypto+file:/etc/passwd", "cache:/etc/passwd", "async:/etc/passwd", "hls+file:///etc/passwd",
		"tee:/etc/x|rtmp://h/a/k", "unix:/run/docker.sock", "gopher://127.0.0.1:9011/_PUT", "icecast://u:p@h/x", "ftp://h/x",
		"sftp://h/x", "lavfi:x", "rtmp\u2236//h/a/k", "ｒtmp://h/a/k", "RTMP://h/a/k", "http\x00://h", "rtmp\n://h",
		"rtmp:h/a/k", "rtmp:/h/a/k", "http:user:pass@h/x", "tcp:",
	} {
		_, err := Protocols{}.Whitelist(address)
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "pass", "an error must not show what may be secret")
	}
	_, err := operator.Whitelist("pipe:0")
	require.ErrorContains(t, err, `the protocol "pipe" is not allowed`)
	_, err = operator.Whitelist("rtmp:u:p@h/a/k")
	require.ErrorContains(t, err, "rtmp: is not followed by //")
	_, err = operator.Whitelist(strings.Repeat("x", 5000) + "://h")
	require.Less(t, len(err.Error()), 250)
}

// servePlaylist answers every connection with a playlist that names one segment. It returns its address.
func servePlaylist(t *testing.T, segment string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprintf(c, "#EXTM3U\n#EXT-X-TARGETDURATION:30\n#EXTINF:30,\n%s\n#EXT-X-ENDLIST\n", segment)
			_ = c.Close()
		}
	}()
	return "tcp://" + l.Addr().String()
}

// TestRealPlaylistCannotNameLocalFiles: ffmpeg by itself reads whatever a playlist that came over TCP names.
func TestRealPlaylistCannotNameLocalFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret, out := filepath.Join(dir, "secret.ts"), filepath.Join(dir, "out.flv")
	text, err := exec.CommandContext(t.Context(), realFFmpeg(t), "-v", "error", "-i", testPicture(t), "-t", "1", "-c", "copy", secret).CombinedOutput()
	require.NoError(t, err, string(text))
	e := newEndpoint(t, Config{Path: realFFmpeg(t), LogDir: dir})
	location := servePlaylist(t, "file://"+secret)
	whitelist, err := Protocols{Files: true}.Whitelist(location)
	require.NoError(t, err)

	job := Job{Input: location, Target: FLV{out}}
	require.Zero(t, runOnce(t, e, zerolog.Nop(), job).Code, "otherwise this test shows nothing")
	require.NoError(t, os.Remove(out), "otherwise this test shows nothing")

	job.InputProtocols = whitelist
	require.NotZero(t, runOnce(t, e, zerolog.Nop(), job).Code)
	require.NoFileExists(t, out)
}

// TestRealTargetsAreHeldToTheirProtocols: ffmpeg refuses them itself, also beneath another protocol.
func TestRealTargetsAreHeldToTheirProtocols(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newEndpoint(t, Config{Path: realFFmpeg(t)})
	picture := testPicture(t)
	for _, target := range []string{"out.flv", "file:out.flv", "tee:out.flv|out.flv"} {
		target = strings.ReplaceAll(target, "out.flv", filepath.Join(dir, "out.flv"))
		job := Job{Input: picture, Target: FLV{target}, TargetProtocols: InternalProtocols + ",tee"}
		require.NotZero(t, runOnce(t, e, zerolog.Nop(), job).Code, target)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	job := Job{Input: picture, Target: HLS{File: filepath.Join(dir, "a.m3u8"), SegmentSeconds: 9}, TargetProtocols: FileProtocol}
	require.Zero(t, runOnce(t, e, zerolog.Nop(), job).Code)
	require.FileExists(t, filepath.Join(dir, "a.m3u8"))
}
