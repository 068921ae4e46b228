package fanout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ending is a configuration that counts how often its viewer was told of the end.
func ending(told *int) ViewerConfig { return ViewerConfig{Ended: func() { *told++ }} }

func TestViewersOfAFinishedLogGetTheRest(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 H1 K1@0")
	var fast, slow, other int
	_, quick := w.watch(ending(&fast))
	_, stuck := w.watch(ending(&slow))
	w.watch(ViewerConfig{}) // one that does not want to know
	stuck.room = 0
	w.feed("P1@40 A1@40")
	w.word("P2@80") // not published yet
	w.Finish()
	w.loop.run()
	require.Equal(t, "V1 H1 K1 P1 A1 P2", quick.transcript(t))
	require.Equal(t, 1, fast)
	require.Zero(t, slow, "it has not got everything")

	stuck.room = 20
	w.loop.retry()
	require.Zero(t, slow)
	stuck.room = -1
	w.loop.retry()
	require.Equal(t, 1, slow)
	require.Equal(t, "V1 H1 K1 P1 A1 P2", stuck.transcript(t))

	_, late := w.watch(ending(&other))
	require.Equal(t, 1, other)
	require.Equal(t, "V1 H1 K1 P1 A1 P2", late.transcript(t), "who comes late is served all the same")
	w.loop.Mark()
	w.loop.run()
	require.Equal(t, []int{1, 1, 1}, []int{fast, slow, other}, "nobody is told twice")
}

func TestFinishDuringAPassReachesThoseWhoHadTheirTurn(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 K1@0")
	var told [3]int
	for i := range told {
		w.watch(ending(&told[i]))
	}
	w.word("P1@40")
	w.Publish()
	w.loop.step(1) // serves the first
	w.Finish()
	w.loop.run()
	require.Equal(t, [3]int{1, 1, 1}, told)
}

func TestViewerThatWaitsForAPictureIsToldOfTheEnd(t *testing.T) {
	w := newWorld(t, Config{})
	var told int
	w.feed("new V1 K1@0")
	c := ending(&told)
	c.FromNextKey = true
	_, s := w.watch(c)
	w.Finish()
	w.loop.run()
	require.Equal(t, 1, told)
	require.Empty(t, s.got.bytes)
}
