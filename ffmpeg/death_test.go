package ffmpeg

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestChildrenDieWithTheServer kills a server in a way that leaves it no time for anything. The child ignores
// interrupts and writes nothing, so neither could be what ends it.
func TestChildrenDieWithTheServer(t *testing.T) {
	t.Parallel()
	server := exec.Command(linkToSelf(t, filepath.Join(t.TempDir(), serverName)), fakePath(t), "stubborn")
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill() })

	says := bufio.NewReader(stdout)
	line, err := says.ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	child, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Close(child) })
	line, err = says.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	require.False(t, ends(t, child, 0), "the child does not live")

	require.NoError(t, server.Process.Kill())
	require.Error(t, server.Wait())
	require.True(t, ends(t, child, deadline), "the child outlives the server")
}

// ends reports whether a process ends in time.
func ends(t *testing.T, pidfd int, in time.Duration) bool {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int(in.Milliseconds()))
		if err != unix.EINTR {
			require.NoError(t, err)
			return n == 1
		}
	}
}

// TestChildrenOutliveThreads: the parent-death signal comes when the thread ends that forked the child. So all children have
// the same one for a parent, and goroutines that take all threads they can get, and end them, never get that one.
func TestChildrenOutliveThreads(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	var all []*events
	var processes []*Process
	var parents []int
	for i := range 5 {
		got := newEvents(t)
		processes = append(processes, e.Start(strconv.Itoa(i), zerolog.Nop(), fakeJob("run"), got.notify))
		parents = append(parents, parentThread(t, want[Started](got).PID))
		want[Progress](got)
		all = append(all, got)
	}
	require.Len(t, slices.Compact(parents), 1, "they were forked by different threads")
	require.NotContains(t, endThreads(200), parents[0])
	for i, p := range processes {
		p.Stop()
		require.Equal(t, 255, want[Stopped](all[i]).Code, "it was not our interrupt that ended it")
	}
}

// parentThread returns the thread of this process that forked a child.
func parentThread(t *testing.T, pid int) int {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/children")
	require.NoError(t, err)
	for _, file := range files {
		children, err := os.ReadFile(file)
		if err == nil && slices.Contains(strings.Fields(string(children)), strconv.Itoa(pid)) {
			thread, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			require.NoError(t, err)
			return thread
		}
	}
	require.Fail(t, "nobody is its parent")
	return 0
}

// endThreads ends n threads that live at the same time, and returns which they were.
func endThreads(n int) []int {
	threads := make([]int, n)
	var begun, ended sync.WaitGroup
	begun.Add(n)
	for i := range n {
		ended.Go(func() {
			runtime.LockOSThread()
			threads[i] = unix.Gettid()
			begun.Done()
			begun.Wait()
		})
	}
	ended.Wait()
	return threads
}

// requireGroupEnds waits for the members of a process group that is being killed.
func requireGroupEnds(t *testing.T, group int) {
	t.Helper()
	end := time.Now().Add(deadline)
	for syscall.Kill(-group, 0) == nil {
		require.True(t, time.Now().Before(end), "the process group lives")
		runtime.Gosched()
	}
}
