package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program that a test runs. It is killed at the end of the test if it has not ended by then.
type process struct {
	t      testing.TB
	name   string
	cmd    *exec.Cmd
	output lockedBuffer // both outputs
	done   chan struct{}
	err    error // of Wait, set before done is closed
}

// packages names the Debian package of each program.
var packages = map[string]string{
	"ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "rtmpdump": "rtmpdump", "gst-launch-1.0": "gstreamer1.0-tools " +
		"gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad", "curl": "curl", "node": "nodejs npm",
}

func missing(program string) error {
	return fmt.Errorf("this test needs %s: apt-get install -y %s", program, packages[program])
}

// startProcess starts a program. A missing one fails the test.
func startProcess(t testing.TB, program string, args ...string) *process {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(missing(program))
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	return runProcess(t, program, cmd)
}

// runProcess is startProcess for a command that has everything but its outputs.
func runProcess(t testing.TB, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // also when the test itself is killed
	require.NoError(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if t.Failed() {
			t.Logf("output of %s %s:\n%s", name, strings.Join(cmd.Args[1:], " "), tail(p.output.String()))
		}
	})
	return p
}

func tail(s string) string {
	const most = 6000
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(s))
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// wait returns the exit code, -1 for a signal.
func (p *process) wait(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(limit):
		p.t.Fatalf("%s did not end within %v", p.name, limit)
	}
	return p.cmd.ProcessState.ExitCode()
}

// succeeds waits until the process has ended, and with exit code 0.
func (p *process) succeeds(limit time.Duration) {
	p.t.Helper()
	require.Zero(p.t, p.wait(limit), "%s ended with an error", p.name)
}

// lockedBuffer is a bytes.Buffer that one goroutine may write and others read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	eventuallyIn(t, patience, what, holds)
}

func eventuallyIn(t testing.TB, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	if !comesTrue(limit, holds) {
		t.Fatalf("%s: not within %v", what, limit)
	}
}

// comesTrue waits until a condition holds, and reports whether it did in time.
func comesTrue(limit time.Duration, holds func() bool) bool {
	deadline := time.After(limit)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
	return true
}
