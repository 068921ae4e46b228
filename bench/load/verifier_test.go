package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/bench/result"
	"mmids/bench/stream"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

var shape = stream.Config{Bitrate: 2_600_000, FPS: 30, GOP: 60}

// told is an input that says what a test wants.
type told []client.Message

func (i told) Feed([]byte) ([]client.Message, error) { return i, nil }

// script makes the messages that a plan begins with.
func script(n int, shift uint32) (list told) {
	p := stream.NewPlan(shape)
	for number := range n {
		next := p.Next()
		list = append(list, client.Message{
			Type: next.Type, Timestamp: next.Timestamp() + shift,
			Payload: stream.Append(nil, next, 0, uint64(number), time.Unix(100, 0).Add(next.At)),
		})
	}
	return list
}

func TestVerifier(t *testing.T) {
	f := func(messages told, want result.Checked) {
		t.Helper()
		v := &verifier{viewer: viewer{stream: &published{}}, in: messages}
		latencies := 0
		require.NoError(t, v.take(nil, time.Unix(200, 0), func(sent time.Time, d time.Duration) {
			latencies++
			require.Equal(t, time.Unix(200, 0), sent.Add(d))
		}))
		require.Equal(t, want, v.checked)
		require.Equal(t, want.Messages-want.Damaged, int64(latencies))
		require.Equal(t, want.Gaps+want.Moved+want.Damaged > 0, len(v.problems) > 0)
	}
	f(script(100, 0), result.Checked{Messages: 100})
	f(script(100, 5000), result.Checked{Messages: 100}) // a server may count from somewhere else

	s := script(100, 0)
	f(append(s[:50:50], s[51:]...), result.Checked{Messages: 99, Gaps: 1})
	f(append(s[:50:50], s[49:]...), result.Checked{Messages: 101, Gaps: 1})
	f(append(told{s[1], s[3]}, s...), result.Checked{Messages: 102}) // before the first key frame

	s = script(100, 0)
	s[50].Timestamp++
	f(s, result.Checked{Messages: 100, Moved: 2}) // there, and back
	s = script(100, 0)
	s[50].Payload[40] ^= 1
	f(s, result.Checked{Messages: 100, Damaged: 1, Gaps: 1})
	f(append(script(100, 0), client.Message{Type: message.TypeVideo, Payload: stream.VideoConfig},
		client.Message{Type: message.TypeDataAMF0, Payload: []byte("x")}), result.Checked{Messages: 100})
}

// TestLeading counts a stream that others publish, or follows its plan.
func TestLeading(t *testing.T) {
	s := script(75, 0)
	bytes := int64(0)
	for _, m := range s {
		bytes += int64(len(m.Payload))
	}
	v := &verifier{viewer: viewer{stream: &published{}}, in: s, leading: counting}
	require.NoError(t, v.take(nil, time.Now(), func(time.Time, time.Duration) {}))
	require.Equal(t, bytes, v.stream.bytes)

	v = &verifier{viewer: viewer{stream: &published{number: 9}}, in: s[10:20], leading: copying, shape: shape}
	require.NoError(t, v.take(nil, time.Now(), func(time.Time, time.Duration) {}))
	c := v.stream.copy
	last := script(76, 0)[75] // is due behind the others
	mark, _, err := stream.Read(last.Type, last.Payload)
	require.NoError(t, err)
	early := int64(0)
	for _, m := range s[:10] {
		early += int64(len(m.Payload))
	}
	require.Equal(t, bytes-early, c.due(mark.Sent.Add(-1)))
	require.Equal(t, int64(0), c.due(mark.Sent.Add(-1)))
	require.Equal(t, int64(len(last.Payload)), c.due(mark.Sent))
}

// TestShare has a server send in bursts of half a second. Only what is missing for good, or more and more, counts.
func TestShare(t *testing.T) {
	const step, second, length, edge = 10 * time.Millisecond, 100, 6 * time.Second, 2 * time.Second
	f := func(want float64, received func(published int64, at time.Duration) int64) {
		t.Helper()
		v := &viewer{stream: &published{}}
		burst := int64(0)
		v.arrears.reset()
		for at := time.Duration(0); at <= length; at += step {
			v.stream.bytes = 10_000 + 3250*int64(at/step)
			if int(at/step)%(second/2) == 0 {
				burst = received(v.stream.bytes, at)
			}
			v.received = 777 + burst
			switch at {
			case edge:
				v.arrears.first = v.arrears.least
			case length - edge:
				v.arrears.reset()
				v.stream.end = v.stream.bytes
			case 0:
				v.stream.begin = v.stream.bytes
			}
			v.arrears.see(v.lacking())
		}
		v.arrears.last = v.arrears.least
		require.InDelta(t, want, v.share(1), 0.002)
	}
	f(1, func(published int64, _ time.Duration) int64 { return published })
	f(0.9, func(published int64, _ time.Duration) int64 { return published * 9 / 10 })
	f(1, func(published int64, _ time.Duration) int64 { return published + 100_000 }) // began earlier
	f(0, func(int64, time.Duration) int64 { return 5 })
	f(0.75, func(published int64, at time.Duration) int64 { // a second is lost
		if at > length/2 {
			return published - 100*3250
		}
		return published
	})
}

func TestOverhead(t *testing.T) {
	require.InDelta(t, 1.0, overhead(nil), 0)
	v := &verifier{payloadBegin: 1000, payloadEnd: 11_000, excess: arrears{first: 50, last: 150}}
	require.InDelta(t, 1.01, overhead([]*verifier{v, v}), 1e-9)
}
