package main

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

func marked(number uint64, size int) client.Message {
	return client.Message{
		Type: message.TypeVideo, Timestamp: 40,
		Payload: appendPacket(nil, keyHeader, size, 7, number, 40, time.Unix(5, 6)),
	}
}

func TestMark(t *testing.T) {
	for _, size := range []int{0, len(keyHeader) + markBytes, 1000, 100_000} {
		for _, number := range []uint64{0, 1, 4095, 4096, 1 << 40} {
			m := marked(number, size)
			require.Len(t, m.Payload, max(size, len(keyHeader)+markBytes))
			k, config, err := readMark(m)
			require.NoError(t, err)
			require.False(t, config)
			require.Equal(t, mark{7, number, time.Unix(5, 6)}, k)
		}
	}
	for _, c := range [][]byte{videoConfig, audioConfig} {
		_, config, err := readMark(client.Message{Type: message.TypeVideo, Payload: c})
		require.NoError(t, err)
		require.True(t, config)
	}
}

// TestEveryChangeIsNoticed changes each byte in turn. A change in the mark may make it another packet's, and that comes
// out as a gap, as a packet of another stream or as a late one.
func TestEveryChangeIsNoticed(t *testing.T) {
	const size = 300
	want, _, err := readMark(marked(3, size))
	require.NoError(t, err)
	for i := range size {
		m := marked(3, size)
		m.Payload[i] ^= 0x40
		k, config, err := readMark(m)
		require.True(t, err != nil || k != want && !config, "byte %d", i)
	}
	cut := marked(3, size)
	cut.Payload = cut.Payload[:len(keyHeader)+markBytes-1]
	_, _, err = readMark(cut)
	require.ErrorIs(t, err, errNotMarked)
	late := marked(3, size)
	late.Timestamp++
	_, _, err = readMark(late)
	require.Error(t, err)
}

func TestPlan(t *testing.T) {
	p := newPlan(options{seconds: 2, bitrate: 2_000_000, fps: 30, gop: 15})
	var all []planned
	for next, more := p.next(); more; next, more = p.next() {
		all = append(all, next)
	}
	require.True(t, slices.IsSortedFunc(all, func(a, b planned) int { return int(a.at - b.at) }))
	video, keys, bytes := 0, 0, 0
	for _, x := range all {
		if x.kind == message.TypeVideo {
			video++
			bytes += x.size
			if &x.header[0] == &keyHeader[0] {
				keys++
			}
		}
	}
	require.Equal(t, 60, video)
	require.Equal(t, 4, keys)
	require.InEpsilon(t, 2*2_000_000/8, bytes, 0.01)
	require.Len(t, all, video+94, "2 s of AAC at 48 kHz")
}

func TestMemoryOf(t *testing.T) {
	u := memoryOf([]int64{1, 1, 10, 20, 30, 40, 50, 60, 70, 80})
	require.Equal(t, &usage{MemoryMin: 10, MemoryMax: 80, MemoryFirst: 15, MemoryLast: 75}, u)
	require.Equal(t, int64(7), memoryOf([]int64{7}).MemoryLast)
}

func TestProcess(t *testing.T) {
	seconds, err := cpuSeconds(os.Getpid())
	require.NoError(t, err)
	require.Less(t, seconds, 600.0)
	bytes, err := residentBytes(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, bytes, int64(1<<20))
	_, err = cpuSeconds(-1)
	require.Error(t, err)
}

// TestSummary adds up one perfect stream and the ways in which one can fail.
func TestSummary(t *testing.T) {
	f := func(complete bool, spoil func(*stream)) {
		t.Helper()
		s := newStream(options{target: "rtmp://h/live", fps: 30, gop: 30, bitrate: 1000}, 0)
		s.sent.Store(10)
		s.checkers = []*checker{{stream: s, lags: []time.Duration{time.Millisecond}}}
		s.checkers[0].packets.Store(10)
		s.checkers[0].received.Store(1000)
		s.counters = []*counter{{stream: s}}
		s.counters[0].received.Store(1000)
		spoil(s)
		r := &result{Seconds: 1}
		r.add(s)
		r.finish()
		require.Equal(t, complete, r.Complete, r.String())
	}
	f(true, func(*stream) {})
	f(false, func(s *stream) { s.sent.Store(11) })
	f(false, func(s *stream) { s.checkers[0].problem(errNotMarked) })
	f(false, func(s *stream) { s.counters[0].received.Store(999) })
	f(false, func(s *stream) { s.counters[0].closed = true })
	f(false, func(s *stream) { s.err = errNotMarked })
	f(false, func(s *stream) { s.sent.Store(0); s.checkers[0].packets.Store(0) })
}
