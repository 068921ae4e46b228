//go:build !race

package fanout

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// countingSink takes everything and keeps nothing.
type countingSink struct{ bytes, writes int }

func (s *countingSink) Flush() bool { return true }
func (s *countingSink) Write(spans [][]byte) (n int, err error) {
	for _, span := range spans {
		n += len(span)
	}
	s.bytes += n
	s.writes++
	return n, nil
}
func (s *countingSink) Merge(bool)          {}
func (s *countingSink) Queue(p []byte)      { s.bytes += len(p) }
func (s *countingSink) QueueMedia(p []byte) { s.bytes += len(p) }
func (s *countingSink) Close(error)         { panic("closed") }

// source makes the notifications of a stream, 30 frames and 47 audio packets a second, without allocating.
type source struct {
	n     media.Notification
	frame int
	body  [3]*media.Buffer // key frame, frame, audio
}

func newSource() *source {
	s := &source{n: media.Notification{Event: media.Coded}}
	for i, size := range []int{60_000, 8_200, 370} {
		s.body[i] = media.CopyBuffer(make([]byte, size))
	}
	return s
}

func (s *source) release() {
	for _, b := range s.body {
		b.Release()
	}
}

// next appends and publishes one frame and its audio.
func (s *source) next(l *Log) (bytes int) {
	p := &s.n.Packet
	p.Time = int64(s.frame) * 33
	p.Kind, p.KeyFrame, p.Body = media.Audio, false, s.body[2]
	l.Append(&s.n)
	l.Publish()
	p.Kind, p.KeyFrame, p.Body = media.Video, s.frame%60 == 0, s.body[1]
	if p.KeyFrame {
		p.Body = s.body[0]
	}
	l.Append(&s.n)
	l.Publish()
	s.frame++
	return testHeader + 370 + testHeader + len(p.Body.Bytes())
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	w := newWorld(t, Config{})
	src := newSource()
	defer src.release()
	sinks := make([]countingSink, 100)
	for i := range sinks {
		w.group.Add(&sinks[i], ViewerConfig{})
	}
	w.feed("new")
	step := func() {
		src.next(w.Log)
		w.loop.run()
	}
	for range 3000 { // until the log lets go of as much as it takes in
		step()
	}
	before := sinks[99].writes
	require.Zero(t, testing.AllocsPerRun(1000, step))
	require.Equal(t, before+1001, sinks[99].writes)
	require.Equal(t, sinks[0].bytes, sinks[99].bytes)
	require.Equal(t, w.Stats().Bytes, uint64(sinks[99].bytes))
}
