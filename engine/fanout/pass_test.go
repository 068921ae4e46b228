package fanout

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// crowd adds viewers whose loop has not come to them yet.
func (w *world) crowd(n int) (viewers []*Viewer, sinks []*sink) {
	for range n {
		s := &sink{room: -1}
		viewers, sinks = append(viewers, w.group.Add(s, ViewerConfig{})), append(sinks, s)
	}
	return viewers, sinks
}

func TestVisitKeepsToItsBudget(t *testing.T) {
	w := newWorld(t, Config{})
	_, sinks := w.crowd(100)
	w.say("new", "K1@0")
	served := func() (n int) {
		for _, s := range sinks {
			n += min(s.writes, 1)
		}
		return n
	}
	for _, want := range []int{30, 60, 90, 100} {
		require.True(t, w.loop.marked.Load())
		w.loop.step(30)
		require.Equal(t, want, served())
	}
	require.False(t, w.loop.marked.Load(), "the pass is complete")
}

func TestNewsDuringAPassReachesThoseThatWereServed(t *testing.T) {
	w := newWorld(t, Config{})
	_, sinks := w.crowd(10)
	w.say("new", "K1@0")
	w.loop.step(5)
	w.say("P1@40")
	w.loop.run()
	for _, s := range sinks {
		require.Equal(t, "K1 P1", s.transcript(t))
	}
}

func TestConstantNewsStarveNobody(t *testing.T) {
	w := newWorld(t, Config{})
	_, sinks := w.crowd(10)
	w.say("new", "K1@0")
	for range 10 { // a new message at each visit, and visits of two viewers
		w.say("P1@40")
		w.loop.step(2)
	}
	for i, s := range sinks {
		require.Equal(t, 2, s.writes, "viewer %d", i)
	}
}

func TestRetryThatFallsIntoAPassIsNotLost(t *testing.T) {
	w := newWorld(t, Config{})
	_, sinks := w.crowd(10)
	w.feed("new K1@0")
	sinks[0].room = 5
	w.say("P1@40")
	for sinks[0].room != 0 {
		w.loop.step(1)
	}
	require.False(t, w.loop.later, "the pass asks once, at its end")
	w.loop.Mark()
	w.loop.run()
	require.True(t, w.loop.later)
	sinks[0].room = -1
	w.loop.retry()
	require.Equal(t, "K1 P1", sinks[0].transcript(t))
	require.False(t, w.loop.later)
}

func TestJoiningAndLeavingDuringAPass(t *testing.T) {
	for leaving := range 10 {
		for budget := 1; budget <= 10; budget++ {
			w := newWorld(t, Config{})
			viewers, sinks := w.crowd(10)
			w.feed("new K1@0")
			w.say("P1@40")
			w.loop.step(budget)
			w.group.Remove(viewers[leaving])
			_, more := w.crowd(1)
			w.loop.run()
			for i, s := range append(sinks, more...) {
				if i != leaving {
					require.Equal(t, "K1 P1", s.transcript(t), "viewer %d of them, %d left, budget %d", i, leaving, budget)
				}
			}
		}
	}
}

func TestAllLeaveDuringAPass(t *testing.T) {
	w := newWorld(t, Config{})
	viewers, _ := w.crowd(10)
	w.say("new", "K1@0")
	w.loop.step(5)
	for _, v := range viewers {
		w.group.Remove(v)
	}
	w.loop.run()
	require.Zero(t, w.Stats().Viewers)
	marks := w.loop.marks.Load()
	w.say("P1@40")
	require.Equal(t, marks, w.loop.marks.Load())
	_, s := w.watch(ViewerConfig{})
	require.Equal(t, "K1 P1", s.transcript(t))
}

func TestWritesOfManySegments(t *testing.T) {
	w := newWorld(t, Config{LagBytes: 64 << 20})
	_, s := w.watch(ViewerConfig{})
	w.say("new", "K1@0")
	for range 300 { // more segments than writesMax writes of spansMax spans hold
		w.word("P1@0*60000")
	}
	w.Publish()
	w.loop.step(64)
	require.Equal(t, writesMax, s.writes)
	require.True(t, w.loop.later, "goes on after others have had their turn")
	w.loop.retry()
	require.Equal(t, "K1"+strings.Repeat(" P1", 300), s.transcript(t))
}
