package ffmpeg

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// TestRestarts: 1 s, doubling to 30 s, from the start again after 60 s of running.
func TestRestarts(t *testing.T) {
	t.Parallel()
	dir, time0 := t.TempDir(), newFakeClock()
	e := newEndpoint(t, Config{LogDir: dir})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("exit:3"), got.notify)
	pauses := []time.Duration{1, 2, 4, 8, 16, 30, 30}
	for i, pause := range pauses {
		require.NotZero(t, want[Started](got).PID)
		require.Equal(t, Stopped{
			Exit: "exit status 3", Code: 3, LastLine: "rtmp://host/app/…: Connection refused", RestartIn: pause * time.Second,
		}, want[Stopped](got))
		timer := time0.timer(t)
		require.Equal(t, pause*time.Second, timer.after)
		got.wantIdle() // nothing happens before the pause is over
		if i < len(pauses)-1 {
			timer.fire <- time.Time{}
		}
	}
	p.Stop()
	waitDone(t, p)

	log := content(t, filepath.Join(dir, "ffmpeg_stdout", "id.log"))
	require.Equal(t, len(pauses), strings.Count(log, "\n===== 2026-01-02T03:04:05Z: ffmpeg starts =====\n\ntrying\n"), log)
	require.Equal(t, len(pauses), strings.Count(log, "rtmp://host/app/…: Connection refused\n"), log)
}

func TestPauseIsShortAgainAfterALongRun(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	running := func(ran, pause time.Duration) {
		t.Helper()
		pid := want[Started](got).PID
		want[Progress](got)
		time0.advance(ran)
		interrupt(t, pid) // by somebody else
		stopped := want[Stopped](got)
		require.Equal(t, ran, stopped.Ran)
		require.Equal(t, 255, stopped.Code)
		require.Equal(t, pause, stopped.RestartIn)
		time0.timer(t).fire <- time.Time{}
	}
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	running(0, time.Second)
	running(59*time.Second, 2*time.Second)
	running(60*time.Second, time.Second)
	running(0, 2*time.Second)
	p.Stop()
	waitDone(t, p)
}

func interrupt(t *testing.T, pid int) {
	t.Helper()
	process, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, process.Signal(os.Interrupt))
}

func TestMissingExecutableThatAppearsLater(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	path := filepath.Join(t.TempDir(), fakeName)
	e := newEndpoint(t, Config{Path: path})
	e.clock = time0.clock()
	err := e.Available()
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "apt-get install ffmpeg")

	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	for _, pause := range []time.Duration{time.Second, 2 * time.Second} {
		failed := want[FailedToStart](got)
		require.ErrorIs(t, failed.Err, ErrNotFound)
		require.Equal(t, pause, failed.RestartIn)
		timer := time0.timer(t)
		require.Equal(t, pause, timer.after)
		if pause == 2*time.Second {
			linkToSelf(t, path)
			require.NoError(t, e.Available())
		}
		timer.fire <- time.Time{}
	}
	want[Started](got)
	want[Progress](got)
	p.Stop()
	require.Equal(t, 255, want[Stopped](got).Code)
}

func TestExecutableIsLookedUpInPATHAtEachStart(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	e := New(Config{})
	err := e.Available()
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, "PATH")
	require.ErrorContains(t, err, "apt-get install ffmpeg")
	linkToSelf(t, filepath.Join(dir, fakeName))
	require.NoError(t, e.Available())
}

func TestConfiguredPathIsNoNameInPATH(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	linkToSelf(t, filepath.Join(dir, fakeName))
	require.ErrorIs(t, New(Config{Path: fakeName}).Available(), ErrNotFound)
	t.Chdir(dir)
	require.NoError(t, New(Config{Path: fakeName}).Available())
	require.ErrorIs(t, New(Config{Path: dir}).Available(), ErrNotFound, "a directory")
	require.NoError(t, os.WriteFile("text", nil, 0o600))
	require.ErrorIs(t, New(Config{Path: "text"}).Available(), ErrNotFound, "not executable")
}

func TestExecutableThatCannotRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), fakeName)
	require.NoError(t, os.WriteFile(path, []byte("\x7fELF no, not really"), 0o700))
	e := newEndpoint(t, Config{Path: path, LogDir: t.TempDir()})
	e.clock = newFakeClock().clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	failed := want[FailedToStart](got)
	require.Error(t, failed.Err)
	require.Equal(t, time.Second, failed.RestartIn)
	p.Stop()
	waitDone(t, p)
	got.wantIdle()
}

func TestLogFileThatCannotBeMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ffmpeg_stdout"), nil, 0o600))
	time0 := newFakeClock()
	e := newEndpoint(t, Config{LogDir: dir})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	require.ErrorContains(t, want[FailedToStart](got).Err, "the log file cannot be opened")
	require.NoError(t, os.Remove(filepath.Join(dir, "ffmpeg_stdout")))
	time0.timer(t).fire <- time.Time{}
	want[Started](got)
	p.Stop()
	got.wantEnd()
}

func TestJobThatCannotWorkIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), Job{Input: "in"}, got.notify)
	failed := want[FailedToStart](got)
	require.ErrorIs(t, failed.Err, ErrJob)
	require.Zero(t, failed.RestartIn)
	waitDone(t, p)
	p.Stop()
	got.wantIdle()
}

// TestIDInUse starts a process with the id of one that is still there: it has to wait until that one has ended.
func TestIDInUse(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	first, second := newEvents(t), newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), first.notify)
	want[Started](first)
	want[Progress](first)
	q := e.Start("id", zerolog.Nop(), fakeJob("run"), second.notify)
	failed := want[FailedToStart](second)
	require.ErrorIs(t, failed.Err, ErrIDInUse)
	require.Equal(t, time.Second, failed.RestartIn)

	retry := time0.timer(t)
	p.Stop()
	waitDone(t, p)
	retry.fire <- time.Time{}
	want[Started](second)
	q.Stop()
	waitDone(t, q)
	require.Empty(t, e.mu.ids)
	require.Empty(t, e.mu.processes)
}

func TestUserThatPanicsHarmsNobody(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	var log logBuffer
	got := newEvents(t)
	p := e.Start("id", log.logger(), fakeJob("run"), func(event Event) {
		got.notify(event)
		panic(errors.New("not my day"))
	})
	want[Started](got)
	want[Progress](got)
	p.Stop()
	want[Stopped](got)
	waitDone(t, p)
	lines := log.lines(t, "ffmpeg event was not taken")
	require.Len(t, lines, 3)
	require.Equal(t, "not my day", lines[0]["panic"])
	require.Contains(t, lines[0]["stack"], "restart_test.go")
}
