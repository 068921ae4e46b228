package ffmpeg

import (
	"context"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestStopInterrupts(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	require.Zero(t, p.Progress())
	pid := want[Started](got).PID
	require.Equal(t, Progress{Frame: 7, Speed: 1.5}, want[Progress](got))
	require.Equal(t, Progress{Frame: 7, Speed: 1.5}, p.Progress())
	p.Stop()
	stopped := want[Stopped](got)
	require.Equal(t, 255, stopped.Code)
	require.Equal(t, "Exiting normally, received signal 2.", stopped.LastLine)
	require.Zero(t, stopped.RestartIn)
	require.Positive(t, stopped.Ran)
	require.Equal(t, syscall.ESRCH, syscall.Kill(pid, 0), "it is not reaped")
	waitDone(t, p)
	got.wantIdle()
}

func TestStopKillsWhatIgnoresTheInterrupt(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("stubborn"), got.notify)
	pid := want[Started](got).PID
	want[Progress](got)
	p.Stop()
	timer := time0.timer(t)
	require.Equal(t, 5*time.Second, timer.after)
	require.NoError(t, syscall.Kill(pid, 0), "it is gone too early")
	got.wantIdle()
	timer.fire <- time.Time{}
	stopped := want[Stopped](got)
	require.Equal(t, "signal: killed", stopped.Exit)
	require.Equal(t, -1, stopped.Code)
	waitDone(t, p)
}

func TestStopWhileItPauses(t *testing.T) {
	t.Parallel()
	time0 := newFakeClock()
	e := newEndpoint(t, Config{})
	e.clock = time0.clock()
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("exit:1"), got.notify)
	want[Started](got)
	want[Stopped](got)
	time0.timer(t)
	p.Stop()
	waitDone(t, p)
	got.wantIdle()
}

func TestStopFromManySidesAtOnce(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), fakeJob("run"), got.notify)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			p.Stop()
			p.Progress()
		})
	}
	all.Wait()
	waitDone(t, p)
	for len(got.channel) > 0 {
		switch event := got.next().(type) {
		case FailedToStart:
			require.NoError(t, event.Err)
		case Stopped:
			require.Zero(t, event.RestartIn)
			require.Empty(t, got.channel, "something came after the end")
		}
	}
}

func TestCloseWaitsForAll(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	var all []*events
	for _, id := range []string{"a", "b", "c"} {
		got := newEvents(t)
		e.Start(id, zerolog.Nop(), fakeJob("run"), got.notify)
		want[Started](got)
		want[Progress](got)
		all = append(all, got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	require.NoError(t, e.Close(ctx))
	for _, got := range all {
		require.Len(t, got.channel, 1)
		require.Equal(t, 255, want[Stopped](got).Code)
	}
	require.NoError(t, e.Close(ctx))

	got := newEvents(t)
	late := e.Start("d", zerolog.Nop(), fakeJob("run"), got.notify)
	require.Equal(t, FailedToStart{Err: ErrClosed}, want[FailedToStart](got))
	waitDone(t, late)
}

func TestCloseKillsWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{})
	stubborn, pausing := newEvents(t), newEvents(t)
	e.Start("a", zerolog.Nop(), fakeJob("stubborn"), stubborn.notify)
	want[Started](stubborn)
	want[Progress](stubborn)
	b := e.Start("b", zerolog.Nop(), fakeJob("exit:1"), pausing.notify)
	want[Started](pausing)
	want[Stopped](pausing)
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan error, 1)
	go func() { closed <- e.Close(ctx) }()
	waitDone(t, b)
	stubborn.wantIdle()
	cancel()
	err := <-closed
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "were killed: 1:")
	require.Equal(t, "signal: killed", want[Stopped](stubborn).Exit)
	require.Empty(t, e.mu.processes)
}

func TestCloseWithoutAnyProcess(t *testing.T) {
	require.NoError(t, New(Config{}).Close(t.Context()))
}
