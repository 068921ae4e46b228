package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/workflow"
)

// The server that is attacked is this test binary, started again: a process of its own, whose descriptors can run out and
// which can be stopped, with steps that misbehave, and with a door through which it says what it holds.

// The environment of the server's process.
const (
	chaosConfig = "MMIDS_CHAOS_CONFIG" // its configuration
	chaosDoor   = "MMIDS_CHAOS_DOOR"   // the port of its door
)

// chaosParts are the official distribution's and a step that does what an attack wants.
var chaosParts = parts{
	steps: func(n neighbours) (*workflow.Registry, error) {
		r, err := stepTypes(n)
		return r, errors.Join(err, r.Add("misbehave", misbehave()))
	},
	executors: reactorExecutors,
}

// serveChaos is the server's process. It stops as the real one does, by SIGTERM.
func serveChaos() error {
	signal.Ignore(syscall.SIGXFSZ) // writing beyond a limit is an error, as on a full disk
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGTERM)
	read, err := readConfig(chaosParts, os.Getenv(chaosConfig), os.Stderr)
	if err != nil {
		return err
	}
	log, output, err := openLog(read, os.Stdout)
	if err != nil {
		return err
	}
	defer output.Close()
	s, err := start(chaosParts, read, log, output)
	if err != nil {
		return err
	}
	door, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv(chaosDoor))
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(door, doorOf(s)) }()
	<-interrupted
	log.Info().Msg("stopping")
	s.stop(log)
	_ = door.Close()
	return json.NewEncoder(os.Stdout).Encode(leftBehind(s))
}

// chaosServer is a server under attack.
type chaosServer struct {
	testServer
	door    string
	client  http.Client
	lookup  *hostileLookup
	ffmpegs *hostileFFmpeg
	disk    *smallDisk
	clip    []packet // of a real encoder
}

// startChaosServer runs a server with a workflow for honest clients and others for attackers, all on one port.
func startChaosServer(t testing.TB) *chaosServer {
	t.Helper()
	dir := t.TempDir()
	s := &chaosServer{
		testServer: testServer{t: t, dir: dir, host: "127.0.0.1", ports: map[string]int{}},
		lookup:     startHostileLookup(t), ffmpegs: newHostileFFmpeg(t, dir), disk: newSmallDisk(t, dir), clip: source(t),
		client: http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience},
	}
	api, door := freePort(t, "127.0.0.1"), freePort(t, "127.0.0.1")
	s.api, s.door = fmt.Sprintf("http://127.0.0.1:%d", api), fmt.Sprintf("http://127.0.0.1:%d", door)
	file := filepath.Join(dir, "chaos.config")
	require.NoError(t, os.WriteFile(file, []byte(s.fill(fmt.Sprintf(`
settings {
    http_api_port %d
    bind_address 127.0.0.1
    log_dir %q
    log_mb_max 1
    refusal_lines_per_second_max 100
    ffmpeg_log_files 10
    ffmpeg_path %q
    handshake_timeout 2s
    connect_timeout 2s
    first_request_timeout 2s
    idle_timeout 2s
    publish_timeout 3s
    viewer_timeout 3s
    viewer_lag 20s
    return_timeout 1s
}
reactor lookup executor=simple_http update_interval=1 {
    url %s
    timeout 500ms
    retry_delays none
}
workflow honest {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch rtmp_app=live stream_key=* port={port}
    http_watch app=live stream_key=* http_port={port2}
}
workflow asked {
    rtmp_receive rtmp_app=asked stream_key=* port={port} reactor=lookup
    rtmp_watch rtmp_app=asked stream_key=* port={port} reactor=lookup
}
workflow ffmpegs {
    rtmp_receive rtmp_app=ffmpegs stream_key=* port={port}
    ffmpeg_hls path=%s duration=1 count=3
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=coded stream_key=* port={port}
}
`, api, s.disk.logs(), s.ffmpegs.path, s.lookup.url(), s.disk.hls()))), 0o600))
	s.process = startSelf(t, dir, chaosConfig+"="+file, fmt.Sprintf("%s=%d", chaosDoor, door))
	t.Cleanup(func() { s.stopped(t) })
	eventually(t, "the server is ready", func() bool {
		if s.ended() {
			t.Fatalf("the server ended at once:\n%s", s.output.String())
		}
		answer, err := s.client.Get(s.api + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		_, err = s.held(false)
		return err == nil && answer.StatusCode == http.StatusOK
	})
	return s
}

// startSelf runs this test binary as the server. Its log has no more than warnings: clients come by the thousand.
func startSelf(t testing.TB, dir string, environment ...string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "mmids_log=warn"), environment...)
	return runProcess(t, "server", cmd)
}

// stopped stops the server as an operator does, if it has not been stopped, and returns how long that took. It ends with exit
// code 0, leaves neither a child nor anything in itself behind, and has said nothing of a panic that no attack asked for.
func (s *chaosServer) stopped(t testing.TB) time.Duration {
	t.Helper()
	if s.told {
		return 0
	}
	s.told = true
	left := children(t, s.cmd.Process.Pid)
	began := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(patience):
		_ = s.cmd.Process.Signal(syscall.SIGABRT) // it prints its goroutines
		<-s.done
		t.Errorf("the server did not stop:\n%s", tail(s.output.String()))
		return time.Since(began)
	}
	took := time.Since(began)
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the server ended with %v:\n%s", s.cmd.ProcessState, tail(s.output.String()))
	}
	if last := s.logged(leftMessage); len(last) != 1 || len(last[0]) != 1 {
		t.Errorf("the stopped server still has %v", last)
	}
	for pid := range left {
		eventually(t, "its ffmpegs have ended", func() bool { return syscall.Kill(pid, 0) != nil })
	}
	for _, sign := range []string{"DATA RACE", "BUG", "\ngoroutine "} {
		if strings.Contains(s.output.String(), sign) {
			t.Errorf("the server wrote %q:\n%s", sign, tail(s.output.String()))
		}
	}
	for _, line := range s.logged("") {
		if p := fmt.Sprint(line["panic"]); line["panic"] != nil && !strings.HasPrefix(p, misbehaves) {
			t.Errorf("a panic that nobody asked for: %v\n%v", p, line["stack"])
		}
	}
	return took
}
