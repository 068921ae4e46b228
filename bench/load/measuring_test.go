package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/bench/measure"
	"mmids/bench/result"
)

func TestWindow(t *testing.T) {
	a := reading{at: time.Unix(100, 0), delivered: 5}
	b := reading{
		at: time.Unix(101, 0), delivered: 25, server: 300 * time.Millisecond, generator: 200 * time.Millisecond,
		machine: measure.Machine{Busy: 560 * time.Millisecond},
	}
	w := window(a, b, 0.1)
	require.False(t, w.Disturbed)
	require.InDelta(t, 0.06, w.Other, 1e-9)
	require.Equal(t, int64(20), w.Bytes)
	b.machine.Busy += 100 * time.Millisecond
	require.True(t, window(a, b, 0.1).Disturbed)
	require.False(t, window(a, b, 0.5).Disturbed)
	b.machine.Busy = 0 // ticks are coarse
	require.Equal(t, result.Window{Seconds: 1, Bytes: 20, Server: 0.3, Generator: 0.2}, window(a, b, 0.1))
	b.machine.Steal = 200 * time.Millisecond
	require.True(t, window(a, b, 0.1).Disturbed)
}

// TestSummary adds up a perfect run and the ways in which one can fail.
func TestSummary(t *testing.T) {
	f := func(complete bool, spoil func(l *loop)) {
		t.Helper()
		s := &published{begin: 1000, end: 101_000}
		l := &loop{
			options: parsed(t, "-viewers", "2", "-pid", "1"), streams: []*published{s},
			viewers:    []*viewer{{stream: s, begin: 7, end: 107}},
			verifiers:  []*verifier{{viewer: viewer{stream: s, begin: 7, end: 107}}},
			publishers: []*publisher{{stream: s}},
		}
		l.to = reading{at: time.Unix(2, 0), server: time.Second, generator: time.Second / 2}
		l.from = reading{at: time.Unix(0, 0)}
		l.windows = []result.Window{{Disturbed: true}, {}}
		spoil(l)
		r := summarize(l, measure.Memory{PSS: 100}, measure.Memory{PSS: 300}, &result.Churn{}, nil)
		require.Equal(t, complete, r.Complete, "%v", r.Problems)
		require.Equal(t, 1, r.Disturbed)
		require.Equal(t, int64(200), r.Delivered.Bytes)
		require.InDelta(t, 0.5, r.Server.Cores, 1e-9)
		require.InDelta(t, 1/(200/1e9), r.Server.PerGB, 1)
		require.InDelta(t, 1.5/(200/1e9), r.Server.BothPerGB, 1)
		require.InDelta(t, 100, r.Server.PerViewer, 1e-9)
	}
	f(true, func(*loop) {})
	f(true, func(l *loop) { l.viewers[0].arrears.last = 900 })
	f(false, func(l *loop) { l.viewers[0].arrears.last = 1100 })
	f(false, func(l *loop) { l.viewers[0].problem = errAgain })
	f(false, func(l *loop) { l.publishers[0].problem = errAgain })
	f(false, func(l *loop) { l.verifiers[0].tell("wrong") })
}
