package stream

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/message"
)

var sent = time.Unix(5, 6)

func TestMark(t *testing.T) {
	for _, kind := range []Packet{{Type: message.TypeVideo, Key: true}, {Type: message.TypeVideo}, {Type: message.TypeAudio}} {
		for _, size := range []int{0, overhead, 1000, 100_000} {
			for _, number := range []uint64{0, 1, 4095, 4096, 1 << 40} {
				p := kind
				p.Size, p.At = size, 40*time.Millisecond
				b := Append([]byte("before"), p, 7, number, sent)[len("before"):]
				if size >= overhead {
					require.Len(t, b, size)
				}
				m, config, err := Read(p.Type, b)
				require.NoError(t, err)
				require.False(t, config)
				require.Equal(t, Mark{7, number, 40, sent, p.Key}, m)
			}
		}
	}
	for _, c := range [][]byte{VideoConfig, AudioConfig} {
		_, config, err := Read(message.TypeVideo, c)
		require.NoError(t, err)
		require.True(t, config)
	}
}

// TestEveryChangeIsNoticed changes each byte in turn. A change in the mark may make it another packet's, and that comes
// out as a gap, as a packet of another stream, as a wrong time or as a late one.
func TestEveryChangeIsNoticed(t *testing.T) {
	p := Packet{Type: message.TypeVideo, Key: true, Size: 300}
	good := Append(nil, p, 7, 3, sent)
	want, _, err := Read(p.Type, good)
	require.NoError(t, err)
	for i := range good {
		b := slices.Clone(good)
		b[i] ^= 0x40
		m, config, err := Read(p.Type, b)
		require.True(t, err != nil || m != want && !config, "byte %d", i)
	}
	for n := range good {
		_, _, err := Read(p.Type, good[:n])
		require.ErrorIs(t, err, ErrNotMarked, "cut after %d bytes", n)
	}
}

func TestPlan(t *testing.T) {
	c := Config{Bitrate: 2_600_000, FPS: 30, GOP: 15}
	require.Equal(t, time.Second/2, c.Period())
	p := NewPlan(c)
	video, keys, audio, bytes := 0, 0, 0, 0
	last := time.Duration(0)
	for x := p.Next(); x.At < 2*time.Second; x = p.Next() {
		require.GreaterOrEqual(t, x.At, last)
		last = x.At
		bytes += x.Size
		switch {
		case x.Type == message.TypeAudio:
			audio++
		case x.Key:
			keys++
			video++
		default:
			video++
		}
	}
	require.Equal(t, 60, video)
	require.Equal(t, 4, keys)
	require.Equal(t, 87, audio, "2 s of AAC at 44.1 kHz")
	require.InEpsilon(t, 2*2_600_000/8, bytes, 0.01)
	require.Greater(t, c.Bitrate, c.BitrateMin())
}

func BenchmarkAppend(b *testing.B) {
	p := Packet{Type: message.TypeVideo, Size: 10_000}
	var buffer []byte
	for b.Loop() {
		buffer = Append(buffer[:0], p, 1, 2, sent)
	}
}

func BenchmarkRead(b *testing.B) {
	p := Packet{Type: message.TypeVideo, Size: 10_000}
	packet := Append(nil, p, 1, 2, sent)
	for b.Loop() {
		if _, _, err := Read(p.Type, packet); err != nil {
			b.Fatal(err)
		}
	}
}
