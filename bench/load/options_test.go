package main

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func parsed(t *testing.T, args ...string) *options {
	t.Helper()
	o, err := parseOptions(args, io.Discard)
	require.NoError(t, err)
	return o
}

func TestOptions(t *testing.T) {
	o := parsed(t, "-target", "rtmps://h/live/", "-publish", "rtmp://[::1]/in", "-publishers", "3", "-viewers", "50", "-pid", "1,2", "-cpu", "1")
	require.Equal(t, "h:443", o.target.Host)
	require.Equal(t, "/live", o.target.Path)
	require.Equal(t, "[::1]:1935", o.publish.Host)
	require.Equal(t, []int{1, 2}, o.pids)
	require.Equal(t, []int{150, 10}, []int{o.allViewers(), o.verify})

	require.Equal(t, 150, parsed(t, "-mode", "latency", "-publishers", "3", "-viewers", "50").verify)
	require.Equal(t, 2, parsed(t, "-viewers", "2").verify)
	require.Equal(t, 0, parsed(t, "-mode", "publish", "-viewers", "2").viewers)
	require.Equal(t, 1, parsed(t, "-mode", "play", "-publishers", "5").publishers)
	idle := parsed(t, "-mode", "idle", "-viewers", "9")
	require.Equal(t, []int{0, 9, 0}, []int{idle.publishers, idle.allViewers(), idle.verify})
	require.Equal(t, time.Second, idle.sweep)
	require.Equal(t, 0, parsed(t, "-mode", "churn").publishers)
	require.Equal(t, 1, parsed(t, "-mode", "churn", "-publishers", "1").publishers)
	raw := parsed(t, "-target", "tcp://h:1", "-viewers", "9")
	require.Equal(t, []int{0, 9}, []int{raw.publishers, raw.allViewers()})

	for _, wrong := range [][]string{
		{"-mode", "sing"}, {"-target", "http://h/live"}, {"-target", "tcp://h"}, {"-target", "rtmp://"}, {"-publish", ":"},
		{"-publishers", "-1"}, {"-publishers", "0", "-viewers", "0"}, {"-seconds", "0"}, {"-seconds", "3"}, {"-bitrate", "100"},
		{"-pid", "x"}, {"-cpu", "-1"}, {"-verify", "some"}, {"-mode", "churn", "-rate", "0"}, {"more"}, {"-fps", "0"}, {"-sweep", "0"},
	} {
		_, err := parseOptions(wrong, io.Discard)
		require.Error(t, err, "%v", wrong)
	}
}

// TestVerifies: as many as were asked for, spread evenly, the first of them known.
func TestVerifies(t *testing.T) {
	for all := 1; all < 60; all++ {
		for n := 0; n <= all; n++ {
			var chosen []int
			for i := range all {
				if verifies(i, n, all) {
					chosen = append(chosen, i)
				}
			}
			require.Len(t, chosen, n, "%d of %d", n, all)
			if n == 0 {
				continue
			}
			require.Equal(t, chosen[0], firstVerifying(n, all))
			for i := range n - 1 {
				distance := chosen[i+1] - chosen[i]
				require.InDelta(t, float64(all)/float64(n), distance, 1.01, "%d of %d: %v", n, all, chosen)
			}
		}
	}
	require.True(t, slices.Contains([]int{4, 5}, firstVerifying(1, 10)))
}

func TestDialer(t *testing.T) {
	loopback, other := parsed(t).target, parsed(t, "-target", "rtmp://192.0.2.1/live").target
	require.Nil(t, dialer(portsPerAddress-1, loopback).LocalAddr)
	require.Equal(t, "127.0.1.2:0", dialer(2*portsPerAddress, loopback).LocalAddr.String())
	require.Nil(t, dialer(2*portsPerAddress, other).LocalAddr)
}
