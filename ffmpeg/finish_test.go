package ffmpeg

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestFinish(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	inputEnds := filepath.Join(t.TempDir(), "end")
	p := e.Start("id", zerolog.Nop(), fakeJob("finish:"+inputEnds), got.notify)
	want[Started](got)
	want[Progress](got)
	p.Finish()
	p.Finish()
	require.Equal(t, 10*time.Second, time0.timer(t).after)
	require.NoError(t, os.WriteFile(inputEnds, nil, 0o600))
	stopped := want[Stopped](got)
	require.Zero(t, stopped.Code, "it is not interrupted")
	require.Zero(t, stopped.RestartIn)
	waitDone(t, p)
	got.wantIdle()
}

func TestFinishInterruptsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	want[Started](got)
	want[Progress](got)
	p.Finish()
	time0.timer(t).fire <- time.Time{}
	require.Equal(t, 255, want[Stopped](got).Code)
	waitDone(t, p)
}

func TestStopWhileItFinishes(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	want[Started](got)
	want[Progress](got)
	p.Finish()
	time0.timer(t)
	p.Stop()
	require.Equal(t, 255, want[Stopped](got).Code)
	waitDone(t, p)
}

// TestFinishBeforeTheFirstRun is about a stream that is over before its ffmpeg has been started.
func TestFinishBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	got := newEvents(t)
	inputEnds := filepath.Join(t.TempDir(), "end")
	require.NoError(t, os.WriteFile(inputEnds, nil, 0o600))
	p := newProcess(e, "id", zerolog.Nop(), fakeJob("finish:"+inputEnds), got.notify)
	p.Finish()
	p.supervise()
	want[Started](got)
	want[Progress](got)
	stopped := want[Stopped](got)
	require.Zero(t, stopped.Code)
	require.Zero(t, stopped.RestartIn)

	p = newProcess(e, "id", zerolog.Nop(), fakeJob("run"), got.notify)
	p.Finish()
	p.Stop()
	p.supervise()
	got.wantIdle()
}

func TestFinishWhileItPauses(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("exit:1"), got.notify)
	want[Started](got)
	want[Stopped](got)
	time0.timer(t)
	p.Finish()
	waitDone(t, p)
	got.wantIdle()
}
