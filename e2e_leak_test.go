package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// rounds is how often TestNothingIsLeft goes round. make soak asks for 200.
var rounds = flag.Int("rounds", 2, "rounds of TestNothingIsLeft")

// TestNothingIsLeft starts a workflow, publishes, watches, updates and stops, over and over, with everything that holds
// something: a reactor with a workflow of its own, HLS and a transcoding with real ffmpegs, an update that takes effect
// and one that cannot. Afterwards the server has what it had after the first round: goroutines, descriptors, children,
// memory, open log files, ports.
//
// The server runs in the test's own process, where its goroutines can be counted. So this test has the process to itself.
func TestNothingIsLeft(t *testing.T) {
	s := startInside(t)
	began := time.Now()
	s.round(t, 0)
	first := s.held(t)
	for n := 1; n <= *rounds; n++ {
		if !t.Run(fmt.Sprint(n), func(t *testing.T) { s.round(t, n) }) {
			return
		}
		if n%20 == 0 {
			t.Logf("round %d: %+v", n, s.held(t))
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		}
	})
	var last held
	eventually(t, "the server holds no more than after the first round", func() bool {
		last = s.held(t)
		return !last.more(first)
	})
	t.Logf("%d rounds in %v\nafter the first %+v\nafter the last  %+v", *rounds, time.Since(began).Round(time.Second), first, last)
	logs, err := filepath.Glob(filepath.Join(s.dir, "logs", "ffmpeg_stdout", "*"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(logs), 20, "log files of ffmpegs that have ended")
}

// held is what a process holds.
type held struct {
	goroutines, descriptors, logFiles, children, payloads, workflows int
	heap                                                             uint64 // bytes
}

func (h held) more(than held) bool {
	return h.goroutines > than.goroutines || h.descriptors > than.descriptors || h.logFiles > than.logFiles ||
		h.children > than.children || h.payloads > than.payloads || h.workflows > than.workflows || h.heap > than.heap+heapSlack
}

// inside is a server in the test's own process.
type inside struct {
	testServer
	lookup *lookup
	busy   int // a port that another program has
}

func startInside(t *testing.T) *inside {
	dir := t.TempDir()
	s := &inside{
		testServer: testServer{t: t, dir: dir, host: "127.0.0.1", ports: map[string]int{}},
		lookup:     startLookup(t), busy: freePort(t, "127.0.0.1"),
	}
	s.api = fmt.Sprintf("http://127.0.0.1:%d", s.busy)
	s.lookup.says("k", 200, s.fill("workflow made routed_by_reactor {\n rtmp_watch rtmp_app=made stream_key=* port={port}\n}\n"))
	file := filepath.Join(dir, "test.config")
	text := fmt.Sprintf("settings {\n http_api_port %d\n bind_address 127.0.0.1\n log_dir %q\n ffmpeg_log_files 20\n}\n%s",
		s.busy, filepath.Join(dir, "logs"), s.lookup.reactor("lookup", "update_interval=1"))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	read, err := readConfig(official, file, os.Stderr)
	require.NoError(t, err)
	var printed lockedBuffer
	t.Cleanup(func() {
		if t.Failed() {
			s.printLogs(printed.String())
		}
	})
	log, output, err := openLog(read, &printed)
	require.NoError(t, err)
	running, err := start(official, read, log, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.stop(log)
		require.NoError(t, output.Close())
	})
	return s
}

// printLogs shows after a failure what the server and its ffmpegs have said.
func (s *inside) printLogs(server string) {
	fmt.Fprintln(os.Stderr, server)
	logs, _ := filepath.Glob(filepath.Join(s.dir, "logs", "ffmpeg_stdout", "*"))
	for _, name := range logs {
		text, _ := os.ReadFile(name)
		fmt.Fprintf(os.Stderr, "%s\n%s\n", name, text)
	}
}

// round is the life of one workflow and its clients. How the clients end is another way each time.
func (s *inside) round(t *testing.T, n int) {
	s.t = t
	definition := func(more string) string {
		return s.fill(`workflow round {
    rtmp_receive rtmp_app=live stream_key=* port={port} reactor=lookup
    workflow_forwarder reactor=lookup
    rtmp_watch rtmp_app=live stream_key=* port={port} reactor=lookup
    ffmpeg_hls path=` + s.dir + `/hls
    ffmpeg_transcode vcodec=h264 acodec=aac h264_preset=ultrafast
    rtmp_watch rtmp_app=coded stream_key=* port={port}
` + more + "\n}\n")
	}
	s.put(definition(""))
	s.running("round", 6)
	f := feed(t, s.url("live/k"))
	s.waitWorkflows("made", "round")
	s.running("made", 1)
	viewers := []*viewer{watch(t, s.url("live/k")), watch(t, s.url("made/k")), watch(t, s.url("coded/k"))}
	f.sendUntil(viewers...)
	s.put(definition("    rtmp_watch rtmp_app=more stream_key=* port={port}"))
	s.running("round", 7)
	viewers = append(viewers, watch(t, s.url("more/k")))
	s.put(definition(fmt.Sprintf("    rtmp_watch rtmp_app=more stream_key=* port=%d", s.busy)))
	eventually(t, "the update is given up", func() bool { return s.details("round").UpdateError != "" })
	f.send(5)

	switch n % 3 {
	case 0: // in order
		f.stop()
	case 1: // cut off
		f.publisher.Close()
		viewers[0].close()
	} // or by the end of the workflow
	s.delete("round")
	requireDone(t, "the publisher", f.publisher.Done())
	s.waitWorkflows()
	for _, v := range viewers {
		requireDone(t, "a viewer", v.done)
	}
	requireNobodyListens(t, s.address())
	eventually(t, "no ffmpeg is left", func() bool { return len(children(t, os.Getpid())) == 0 })
}

func (s *inside) held(t *testing.T) held {
	t.Helper()
	h := held{
		goroutines: runtime.NumGoroutine(), children: len(children(t, os.Getpid())), payloads: int(media.InUse()), workflows: len(s.workflows()),
	}
	descriptors, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	h.descriptors = len(descriptors)
	for _, d := range descriptors {
		target, err := os.Readlink(filepath.Join("/proc/self/fd", d.Name()))
		if err == nil && strings.HasPrefix(target, filepath.Join(s.dir, "logs")) {
			h.logFiles++
		}
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.GC() // pools need two to forget
	runtime.ReadMemStats(&memory)
	h.heap = memory.HeapAlloc
	return h
}
