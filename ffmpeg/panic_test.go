package ffmpeg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/panics/panictest"
)

// TestPanicOfSupervision: the user hears that ffmpeg has ended, no process is left, and others run on.
func TestPanicOfSupervision(t *testing.T) {
	t.Parallel()
	f := func(at string, input string, before func(p *Process, got *events)) {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			e := newEndpoint(t, Config{LogDir: t.TempDir()})
			got, beside := newEvents(t), newEvents(t)
			other := e.Start("other", zerolog.Nop(), fakeJob("run"), beside.notify)
			want[Started](beside)

			p := e.Start("id", log.logger().Hook(panictest.At(at)), fakeJob(input), got.notify)
			before(p, got)
			waitDone(t, p)
			for failed := (FailedToStart{}); failed.Err == nil; {
				failed, _ = got.next().(FailedToStart)
				if failed.Err != nil {
					require.ErrorIs(t, failed.Err, errPanic)
					require.Zero(t, failed.RestartIn)
				}
			}
			lines := log.lines(t, "BUG: the supervision of ffmpeg panicked")
			require.Len(t, lines, 1)
			require.Equal(t, "id", lines[0]["ffmpeg_id"])
			require.NotContains(t, e.mu.ids, "id")
			require.False(t, isClosed(other.done))
			other.Stop()
			waitDone(t, other)
			requireNoProcess(t, input)
		})
	}
	f("ffmpeg started", "stubborn:left-by-a-panic-at-its-start", func(*Process, *events) {})
	f("ffmpeg stopped", "run:left-by-a-panic-at-its-end", func(p *Process, got *events) {
		want[Started](got)
		want[Progress](got)
		p.Stop()
	})
}

// requireNoProcess checks that no process of the machine has an argument.
func requireNoProcess(t *testing.T, argument string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, _ := os.ReadFile(file) // it may have ended
		require.NotContains(t, strings.Split(string(text), "\x00"), argument, file)
	}
}

// TestPanicWhileStarting does not end the thread that all ffmpegs are children of.
func TestPanicWhileStarting(t *testing.T) {
	s := newStarter()
	defer s.close()
	require.ErrorContains(t, s.start(nil), "panic")
	cmd := exec.Command("true")
	require.NoError(t, s.start(cmd))
	require.NoError(t, cmd.Wait())
}

type badWriter struct{}

func (badWriter) Write([]byte) (int, error) { panic("in Write") }

func TestPanicAtOutput(t *testing.T) {
	var log logBuffer
	w := contained{badWriter{}, log.logger()}
	n, err := w.Write([]byte("frame=7"))
	require.NoError(t, err)
	require.Equal(t, 7, n)
	require.Equal(t, "in Write", log.lines(t, "BUG: ffmpeg's output could not be read")[0]["panic"])
}
