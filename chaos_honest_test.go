package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/bench/result"
	"mmids/bench/stream"
)

// honest are the publishers and viewers that an attack must not hurt: the load generator, in a process of its own, and viewers
// over HTTP. All viewers verify every byte, the order and the times.
type honest struct {
	process *process
	file    string
	http    []*httpViewer
	length  time.Duration // for which there are publishers, at least
}

// Few streams, so that every attacker who watches them stands beside honest viewers, and not so much that a small machine has
// no time for the attack.
const (
	honestStreams = 2
	honestViewers = 12 // of each stream
	honestKey     = "honest"
)

var honestShape = stream.Config{Bitrate: 1_500_000, FPS: 30, GOP: 15}

// startHonest connects them and returns when they are all there. They go on for a time.
func startHonest(t testing.TB, s *chaosServer, seconds int) *honest {
	t.Helper()
	h := &honest{file: filepath.Join(t.TempDir(), "result.json"), length: time.Duration(seconds) * time.Second}
	before, err := s.held(false)
	require.NoError(t, err)
	h.process = startProcess(t, must(t, loadGenerator), "-target", s.url("live"), "-key", honestKey, "-warmup", "0s",
		"-publishers", fmt.Sprint(honestStreams), "-viewers", fmt.Sprint(honestViewers), "-verify", "all",
		"-fps", fmt.Sprint(honestShape.FPS), "-gop", fmt.Sprint(honestShape.GOP), "-bitrate", fmt.Sprint(honestShape.Bitrate/1000),
		"-seconds", fmt.Sprint(seconds), "-json", h.file)
	eventually(t, "the honest clients are there", func() bool {
		now, err := s.held(false)
		if h.process.ended() {
			t.Fatalf("the load generator ended: %s", h.process.output.String())
		}
		return err == nil && now.Connections >= before.Connections+honestStreams*(1+honestViewers)
	})
	h.http = startHTTPViewers(t, s)
	return h
}

// finish waits for the end and returns what those of RTMP found.
func (h *honest) finish(t testing.TB, limit time.Duration) (r result.Result) {
	t.Helper()
	h.process.wait(limit)
	text, err := os.ReadFile(h.file)
	require.NoError(t, err, h.process.output.String())
	require.NoError(t, json.Unmarshal(text, &r))
	return r
}

// exact says how many viewers got every byte, in order and in its place in time, and were not cut off.
func exact(r result.Result) int { return max(r.Checked.Exact-r.Delivered.Closed, 0) }

// loadGenerator is bench/load, built once per run.
var loadGenerator = sync.OnceValues(func() (string, error) {
	path := filepath.Join(shared, "load")
	if out, err := exec.Command("go", "build", "-o", path, "./bench/load").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})
