package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
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
	tune()
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
	s, err := start(chaosParts, read, log)
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
	return nil
}

// doorOf answers what the server holds, and with /goroutines where they are.
func doorOf(s *running) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/held", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("collect") { // pools need two collections to forget
			runtime.GC()
			debug.FreeOSMemory()
		}
		h := chaosHeld{Goroutines: countGoroutines(), Payloads: media.InUse(), Connections: s.sockets.Connections()}
		names, _ := s.workflows.List(r.Context())
		h.Workflows = len(names)
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		h.Heap = memory.HeapAlloc
		_ = json.NewEncoder(w).Encode(h)
	})
	m.HandleFunc("/goroutines", func(w http.ResponseWriter, _ *http.Request) {
		_ = pprof.Lookup("goroutine").WriteTo(w, 1)
	})
	return m
}

// keptWorkers are goroutines that libraries keep for a while when they have nothing to do: gnet's pool, and fasthttp's.
var keptWorkers = []string{"ants/v2.(*goWorker).run", "fasthttp.(*workerPool).workerFunc"}

// countGoroutines counts all others.
func countGoroutines() (n int) {
	var text strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&text, 1)
	_, groups, _ := strings.Cut(text.String(), "\n") // behind the title
	for group := range strings.SplitSeq(groups, "\n\n") {
		same, _, _ := strings.Cut(group, " @ ")
		count, err := strconv.Atoi(same)
		if err != nil {
			continue // what follows the last group
		}
		if !slices.ContainsFunc(keptWorkers, func(f string) bool { return strings.Contains(group, f) }) {
			n += count
		}
	}
	return n
}

// chaosHeld is what the server holds. Descriptors and children are looked up from outside.
type chaosHeld struct {
	Goroutines, Connections, Descriptors, Children, Workflows int
	Payloads                                                  int64
	Heap                                                      uint64 // bytes
}

// heapSlack is how much the heap may differ from one moment of rest to another: pools, maps that have grown, and the runtime's
// own bookkeeping for goroutines.
const heapSlack = 24 << 20

func (h chaosHeld) moreThan(first chaosHeld) bool {
	return h.Goroutines > first.Goroutines || h.Connections > first.Connections || h.Descriptors > first.Descriptors ||
		h.Children > first.Children || h.Payloads > first.Payloads || h.Workflows > first.Workflows || h.Heap > first.Heap+heapSlack
}

// chaosServer is a server under attack.
type chaosServer struct {
	testServer
	door    string
	client  http.Client
	lookup  *hostileLookup
	ffmpegs *hostileFFmpeg
	disk    *smallDisk
}

// startChaosServer runs a server with a workflow for honest clients and others for attackers, all on one port.
func startChaosServer(t testing.TB) *chaosServer {
	t.Helper()
	dir := t.TempDir()
	s := &chaosServer{
		testServer: testServer{t: t, dir: dir, host: "127.0.0.1", ports: map[string]int{}},
		lookup:     startHostileLookup(t), ffmpegs: newHostileFFmpeg(t, dir), disk: newSmallDisk(t, dir),
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
    ffmpeg_log_files 10
    ffmpeg_path %q
    handshake_timeout 2s
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

// startSelf runs this test binary as the server. Its log has errors only: clients come by the thousand.
func startSelf(t testing.TB, dir string, environment ...string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "mmids_log=error"), environment...)
	return runProcess(t, "server", cmd)
}

// stopped stops the server as an operator does, if it has not been stopped, and returns how long that took. It ends with exit
// code 0, leaves no child behind, and has said nothing of a panic that no attack asked for.
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

// held asks the server what it holds. With collect it looks for garbage first.
func (s *chaosServer) held(collect bool) (h chaosHeld, err error) {
	address := s.door + "/held"
	if collect {
		address += "?collect"
	}
	answer, err := s.client.Get(address)
	if err != nil {
		return h, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		return h, err
	}
	pid := s.cmd.Process.Pid
	descriptors, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	h.Descriptors, h.Children = len(descriptors), len(children(s.t, pid))
	return h, err
}

// atRest waits until the server holds no more than at first, and returns what it holds in the end and whether that is so.
func (s *chaosServer) atRest(first chaosHeld) (h chaosHeld, rested bool) {
	deadline := time.Now().Add(patience)
	for {
		var err error
		if h, err = s.held(true); err == nil {
			if !h.moreThan(first) {
				return h, true
			}
		}
		if time.Now().After(deadline) {
			return h, false
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// settled waits until the server holds nothing of its clients and has let go of what it keeps for a moment, and returns what it
// holds then.
func (s *chaosServer) settled(t testing.TB) (least chaosHeld) {
	t.Helper()
	const still = 2 * time.Second
	since, begun := time.Now(), false
	eventuallyIn(t, 2*patience, "the server comes to rest", func() bool {
		h, err := s.held(true)
		if err != nil || h.Connections > 0 || h.Children > 0 {
			return false
		}
		if !begun || h.Goroutines < least.Goroutines || h.Descriptors < least.Descriptors {
			least, begun, since = h, true, time.Now()
		}
		return time.Since(since) > still
	})
	return least
}

// goroutines is where they are.
func (s *chaosServer) goroutines() string {
	answer, err := s.client.Get(s.door + "/goroutines")
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}

// loadGenerator is bench/load, built once per run.
var loadGenerator = sync.OnceValues(func() (string, error) {
	path := filepath.Join(shared, "load")
	if out, err := exec.Command("go", "build", "-o", path, "./bench/load").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})
