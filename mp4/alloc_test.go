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

// TestLearningAllocatesNothing: nor do frames that say what others say in a sequence header.
func TestLearningAllocatesNothing(t *testing.T) {
	for _, frame := range []string{"9161632d330b77cded1e40ebf8403eff99", "9165632d330b77037f3f87c00020882000"} {
		m := &Muxer{Output: discard{}}
		s := stream{Muxer: m}
		m.Begin()
		tag, time := fromHex(frame), int64(0)
		require.Zero(t, testing.AllocsPerRun(200, func() {
			time += 32
			s.add(media.Audio, time, tag)
		}))
		require.NotEmpty(t, m.ContentType())
	}
}

type discard struct{}

func (discard) Write(Unit) {}
func (discard) Restart()   {}
