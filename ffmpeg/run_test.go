package ffmpeg

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// runOnce runs a job to its end and returns how it ended.
func runOnce(t *testing.T, e *Endpoint, log zerolog.Logger, job Job) Stopped {
	t.Helper()
	got := newEvents(t)
	p := e.Start("id", log, job, got.notify)
	want[Started](got)
	defer waitDone(t, p)
	defer p.Stop()
	return got.wantEnd()
}

// TestWhatFFmpegIsGiven looks from inside the process.
func TestWhatFFmpegIsGiven(t *testing.T) {
	t.Setenv("SECRET", "of the server")
	t.Setenv("FFREPORT", "file=somewhere")
	t.Setenv("LANG", "C.UTF-8")
	file := filepath.Join(t.TempDir(), "portrait")
	job := Job{RealTime: true, Input: "show:" + file, Target: FLV{"rtmp://host/app/$(key) `a` 'b'"}}
	require.Zero(t, runOnce(t, newEndpoint(t, Config{}), zerolog.Nop(), job).Code)
	var seen selfPortrait
	require.NoError(t, json.Unmarshal([]byte(content(t, file)), &seen))
	require.Equal(t, job.Args(), seen.Args)
	require.Equal(t, "/dev/null", seen.Stdin)
	require.Equal(t, seen.PID, seen.Group, "it is not in a process group of its own")
	require.NotEqual(t, syscall.Getpgrp(), seen.Group)
	require.Contains(t, seen.Env, "LANG=C.UTF-8")
	for _, variable := range seen.Env {
		require.NotContains(t, variable, "SECRET")
		require.NotContains(t, variable, "FFREPORT")
	}
}

func TestEnvironmentIsNeverTheServers(t *testing.T) {
	require.NotNil(t, environment([]string{"SECRET=1"}), "nil would mean all of it")
	require.Equal(t, []string{"PATH=/bin", "HOME="}, environment([]string{"PATH=/bin", "PATHS=/x", "odd", "HOME="}))
}

// TestFloodOnStandardError: the run ends, so it was not held up, and the log keeps its bound.
func TestFloodOnStandardError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newEndpoint(t, Config{LogDir: dir, LogBytesMax: 100_000, LogFilesMax: 3})
	require.Zero(t, runOnce(t, e, zerolog.Nop(), fakeJob("flood:4000000")).Code)
	files, err := filepath.Glob(filepath.Join(dir, "ffmpeg_stdout", "*"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		require.LessOrEqual(t, len(content(t, file)), 100_000)
	}
}

// TestFloodOnAFullDisk: a log that cannot be written does not hold ffmpeg up either.
func TestFloodOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "ffmpeg_stdout"), 0o750))
	require.NoError(t, os.Symlink("/dev/full", filepath.Join(dir, "ffmpeg_stdout", "id.log")))
	e := newEndpoint(t, Config{LogDir: dir})
	require.Zero(t, runOnce(t, e, zerolog.Nop(), fakeJob("flood:1000000")).Code)
}

// TestNothingIsLeftBehind: the executable may be a script that ends before its child does.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("leave"), got.notify)
	group := want[Started](got).PID
	got.wantEnd()
	p.Stop()
	waitDone(t, p)
	requireGroupEnds(t, group)
}

// TestEscapedDescendant: a process that keeps the output open cannot keep its ancestor from being reaped.
func TestEscapedDescendant(t *testing.T) {
	t.Parallel()
	stopped := runOnce(t, newEndpoint(t, Config{}), zerolog.Nop(), fakeJob("escape"))
	pid, err := strconv.Atoi(stopped.LastLine)
	require.NoError(t, err)
	require.Equal(t, "exit status 0", stopped.Exit)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL), "it is not there any more, so nothing was shown")
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	var log logBuffer
	job := fakeJob("run")
	job.Target = FLV{"rtmp://user:pass@host/app/key?a=b"}
	e := newEndpoint(t, Config{})
	got := newEvents(t)
	p := e.Start("the-id", log.logger().With().Str("stream_id", "s").Logger(), job, got.notify)
	pid := want[Started](got).PID
	want[Progress](got)
	p.Stop()
	waitDone(t, p)

	started := log.lines(t, "ffmpeg started")
	require.Len(t, started, 1)
	require.Equal(t, "the-id", started[0]["ffmpeg_id"])
	require.Equal(t, "s", started[0]["stream_id"])
	require.EqualValues(t, pid, started[0]["pid"])
	require.Equal(t, "-i run -vcodec copy -acodec copy -f flv rtmp://…@host/app/…?… -y -nostats -progress pipe:1",
		strings.Trim(strings.ReplaceAll(fmt.Sprint(started[0]["arguments"]), ",", ""), "[]"))
	stopped := log.lines(t, "ffmpeg stopped")
	require.Len(t, stopped, 1)
	require.Equal(t, "info", stopped[0]["level"])
	require.Equal(t, "exit status 255", stopped[0]["exit"])
	require.NotContains(t, log.text.String(), "pass")
	require.NotContains(t, log.text.String(), "key")
}

// TestNoLeaks is not parallel, so nothing else opens descriptors meanwhile.
func TestNoLeaks(t *testing.T) {
	e := newEndpoint(t, Config{LogDir: t.TempDir()})
	// Each of a few processes at a time is stopped at its first event.
	cycle := func(ids ...string) {
		var all []*events
		var processes []*Process
		for _, id := range ids {
			all = append(all, newEvents(t))
			processes = append(processes, e.Start(id, zerolog.Nop(), fakeJob("run"), all[len(all)-1].notify))
		}
		for i, p := range processes {
			all[i].next()
			p.Stop()
		}
		for _, p := range processes {
			waitDone(t, p)
		}
	}
	goroutines := runtime.NumGoroutine()
	cycle("first") // makes the runtime open what it keeps
	descriptors := openDescriptors(t)
	for i := range 25 {
		cycle(strconv.Itoa(i), "a", "b", "c")
	}
	e.config.Path = filepath.Join(t.TempDir(), fakeName)
	require.NoError(t, os.WriteFile(e.config.Path, []byte("\x7fELF no, not really"), 0o700))
	for i := range 20 {
		cycle(strconv.Itoa(i))
	}
	require.Equal(t, descriptors, openDescriptors(t))
	require.Empty(t, zombies(t))
	require.Empty(t, e.mu.processes)
	require.Empty(t, e.mu.ids)
	require.NoError(t, e.Close(t.Context()))
	requireGoroutines(t, goroutines)
}

// requireGoroutines waits for goroutines that have nothing left to do but return.
func requireGoroutines(t *testing.T, most int) {
	t.Helper()
	end := time.Now().Add(deadline)
	for runtime.NumGoroutine() > most {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			require.Failf(t, "goroutines are left", "%s", stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

// zombies returns the children of this process that have ended and were not reaped.
func zombies(t *testing.T) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		// "pid (name) state parent …", and a name may have anything in it
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if fields[0] == "Z" && fields[1] == fmt.Sprint(os.Getpid()) {
			found = append(found, string(stat))
		}
	}
	return found
}
