package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// startedFFmpeg is what the log says of a start.
type startedFFmpeg struct {
	pid                            int
	workflow, step, stream, ffmpeg string
	arguments                      []any
}

// ffmpegs returns all starts so far, restarts included.
func (s *testServer) ffmpegs() (list []startedFFmpeg) {
	for _, line := range s.logged("ffmpeg started") {
		text := func(name string) string { value, _ := line[name].(string); return value }
		pid, _ := line["pid"].(float64)
		arguments, _ := line["arguments"].([]any)
		list = append(list, startedFFmpeg{
			int(pid), text("workflow_name"), text("step_id"), text("stream_id"), text("ffmpeg_id"), arguments,
		})
	}
	return list
}

// ffmpegLog is where the words of an ffmpeg are.
func (s *testServer) ffmpegLog(id string) string {
	return filepath.Join(s.dir, "logs", "ffmpeg_stdout", id+".log")
}

// children are the processes that a process has started and not reaped, by their states: Z is a zombie.
func children(t testing.TB, parent int) map[int]string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	states := make(map[int]string)
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])) // the name may hold anything
		if fields[1] == strconv.Itoa(parent) {
			states[pid] = fields[0]
		}
	}
	return states
}

// waitChildren waits until a server has so many ffmpeg processes, none of them a zombie.
func (s *testServer) waitChildren(what string, n int) {
	s.t.Helper()
	eventually(s.t, what, func() bool {
		states := children(s.t, s.cmd.Process.Pid)
		for _, state := range states {
			if state == "Z" {
				return false
			}
		}
		return len(states) == n
	})
}

// cpuSeconds is the processor time that a process has used.
func cpuSeconds(t testing.TB, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const ticksPerSecond = 100 // of /proc on Linux, whatever the kernel's own clock
	ticks := 0
	for _, field := range fields[11:13] { // user and system
		n, err := strconv.Atoi(field)
		require.NoError(t, err)
		ticks += n
	}
	return float64(ticks) / ticksPerSecond
}

// workflows are the names that the HTTP API lists.
func (s *testServer) workflows() (names []string) {
	s.t.Helper()
	a := s.request("GET", "/workflows", "")
	require.Equal(s.t, 200, a.status, a.body)
	var listed []struct{ Name string }
	require.NoError(s.t, json.Unmarshal([]byte(a.body), &listed))
	for _, w := range listed {
		names = append(names, w.Name)
	}
	return names
}

// waitWorkflows waits until the server has these workflows, in the order of their names.
func (s *testServer) waitWorkflows(names ...string) {
	s.t.Helper()
	eventually(s.t, "the workflows are "+strings.Join(names, ", "), func() bool {
		return strings.Join(s.workflows(), " ") == strings.Join(names, " ")
	})
}

// came returns the log lines about clients of an app that began to publish or to watch. The server's own ffmpegs use others.
func (s *testServer) came(message, app string) (lines []map[string]any) {
	for _, line := range s.logged(message) {
		if line["rtmp_app"] == app {
			lines = append(lines, line)
		}
	}
	return lines
}

// waitCame waits until there are so many such lines. What the server writes takes a moment to arrive here.
func (s *testServer) waitCame(message, app string, n int) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%q of app %s is in the log %d times", message, app, n), func() bool {
		return len(s.came(message, app)) == n
	})
}

// unused returns an address of this machine at which nobody listens.
func unused(t testing.TB) string { return fmt.Sprintf("127.0.0.1:%d", freePort(t, "127.0.0.1")) }
