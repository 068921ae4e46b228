package main

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPIToken: with curl, and nothing of it is left in the logs or shown to anybody.
func TestAPIToken(t *testing.T) {
	t.Parallel()
	const token = "c0ffee-c0ffee-c0ffee"
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600))
	s := startServer(t, "http_api_token_file "+file, simple)
	curl := func(arguments ...string) string {
		p := startProcess(t, "curl", append([]string{"-sSi"}, arguments...)...)
		p.succeeds(patience)
		return p.output.String()
	}
	for _, arguments := range [][]string{{"/"}, {"/workflows"}, {"/workflows/simple"}, {"/workflows/simple", "-X", "DELETE"}, {"/none"}} {
		arguments[0] = s.api + arguments[0]
		for _, authorization := range []string{"X: y", "Authorization: Bearer " + token[1:], "Authorization: Basic " + token} {
			said := curl(append(arguments, "-H", authorization)...)
			require.Contains(t, said, "401 Unauthorized")
			require.Contains(t, said, `Bearer realm="mmids"`)
			require.NotContains(t, said, version)
		}
	}
	require.Contains(t, curl(s.api+"/healthz"), "200 OK")
	require.Contains(t, curl(s.api+"/workflows", "-H", "Authorization: Bearer "+token), `"simple"`)
	require.Contains(t, curl(s.api+"/", "-H", "Host: mmids.example.com", "-H", "Authorization: Bearer "+token), version)
	s.stop()
	require.NotContains(t, s.output.String(), token)
	for _, line := range s.logFiles() {
		require.NotContains(t, fmt.Sprint(line), token)
	}
}

// TestWebPageCannotUseTheAPI: what a browser sends for a page whose name was made to point here.
func TestWebPageCannotUseTheAPI(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	for _, c := range []struct{ method, path, host, origin string }{
		{"GET", "/workflows", "evil.example", ""},
		{"PUT", "/workflows", "evil.example", "http://evil.example"},
		{"DELETE", "/workflows/simple", "evil.example", "http://evil.example"},
		{"PUT", "/workflows", "127.0.0.1", "http://evil.example"},
		{"DELETE", "/workflows/simple", "127.0.0.1", "null"},
	} {
		request, err := http.NewRequest(c.method, s.api+c.path, strings.NewReader("workflow page {\n}\n"))
		require.NoError(t, err)
		request.Host = c.host
		request.Header.Set("Content-Type", "text/plain")
		if c.origin != "" {
			request.Header.Set("Origin", c.origin)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, 403, response.StatusCode, "%v: %s", c, text)
	}
	s.waitWorkflows("simple")
}

// TestAPIForOtherMachinesNeedsAToken: the start fails with the place of the mistake.
func TestAPIForOtherMachinesNeedsAToken(t *testing.T) {
	t.Parallel()
	p := startProcess(t, must(t, binary), "--config", writeConfig(t, "settings {\n http_api_port 9011\n http_api_address 0.0.0.0\n}\n"))
	require.Equal(t, 1, p.wait(patience))
	require.Contains(t, p.output.String(), ":3:19: http_api_address")
	p = startProcess(t, must(t, binary), "--config", writeConfig(t, "settings {\n tls_key_path key.pem\n}\n"))
	require.Equal(t, 1, p.wait(patience))
	require.Contains(t, p.output.String(), ":2:2: tls_key_path means nothing without tls_cert_path")
}

// TestLogsAreNotForEverybody: whatever the umask is. Playlists and segments are, as a web server shows them.
func TestLogsAreNotForEverybody(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "hls")
	shell := filepath.Join(t.TempDir(), "server")
	require.NoError(t, os.WriteFile(shell, []byte("#!/bin/sh\numask 0\nexec "+must(t, binary)+" \"$@\"\n"), 0o700))
	s := startServerAs(t, shell, "127.0.0.1", "", `
workflow hls {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path="`+dir+`" duration=1
}`)
	publisher := publishOn(t, s.url("live/k"))
	eventually(t, "there is a playlist", func() bool { return len(readPlaylist(t, filepath.Join(dir, "k.m3u8")).files) > 0 })
	endPublishing(publisher)
	s.stop()
	files := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(s.dir, "logs"), func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o027, "%s is %s", path, info.Mode())
		if info.Mode().IsRegular() {
			files++
		}
		return nil
	}))
	require.GreaterOrEqual(t, files, 2, "the server's and ffmpeg's")
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), info.Mode().Perm(), "nobody else may put files there")
	require.EqualValues(t, syscall.Getuid(), info.Sys().(*syscall.Stat_t).Uid)
}
