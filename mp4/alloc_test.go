//go:build !race

package mp4

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// TestSteadyStateAllocatesNothing: a frame costs no memory of the garbage collector.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	m := &Muxer{Output: discard{}}
	s := stream{Muxer: m}
	m.Begin()
	s.headers()
	s.key(0, "K")
	video, audio := append([]byte{0x27, 1, 0, 0, 0}, make([]byte, 5000)...), append([]byte{0xaf, 1}, make([]byte, 300)...)
	time := int64(0)
	require.Zero(t, testing.AllocsPerRun(200, func() {
		time += 40
		s.add(media.Video, time, video)
		s.add(media.Audio, time, audio)
	}))
}

type discard struct{}

func (discard) Write(Unit) {}
func (discard) Restart()   {}
