package fanout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestViewerFromTheOldestPlaceGetsTheStreamFromItsStart(t *testing.T) {
	w := newWorld(t, Config{KeepBeginning: true})
	w.feed("new S1 V1 H1 | A1@0 K1@10 P1@50 | K2@1000 | K3@2000 P3@2040")
	_, s := w.watch(ViewerConfig{FromOldest: true})
	require.Equal(t, "S1 V1 H1 A1 K1 P1 K2 K3 P3", s.transcript(t))
	_, newest := w.watch(ViewerConfig{})
	require.Equal(t, "S1 V1 H1 K3 P3", newest.transcript(t), "others begin where they always do")
	w.feed("P4@2080")
	require.Equal(t, "S1 V1 H1 A1 K1 P1 K2 K3 P3 P4", s.transcript(t))
}

func TestBeginningIsKeptWithinTheBounds(t *testing.T) {
	const large = "*70000" // a segment of its own
	w := newWorld(t, Config{KeepBeginning: true, Lag: 2 * time.Second})
	w.feed("new V1 K1@0" + large + " | P1@500" + large + " | K2@1000" + large + " | V2 K3@2000" + large + " | P3@2500" + large)
	_, s := w.watch(ViewerConfig{FromOldest: true})
	require.Equal(t, "V1 K2 V2 K3 P3", s.transcript(t), "from the oldest key frame on, with the header that belongs to it")

	w = newWorld(t, Config{KeepBeginning: true, LagBytes: 400_000})
	w.feed("new V1 K1@0" + large + " | K2@1000" + large + " | K3@1500" + large + " | K4@2000" + large + " | K5@2500" + large)
	require.LessOrEqual(t, w.Stats().Held, 400_000)
	_, s = w.watch(ViewerConfig{FromOldest: true})
	require.Equal(t, "V1 K3 K4 K5", s.transcript(t))
}

func TestNobodyBeginsInAStreamThatIsOver(t *testing.T) {
	w := newWorld(t, Config{KeepBeginning: true})
	w.feed("new V1 K1@0 end")
	_, s := w.watch(ViewerConfig{FromOldest: true})
	require.Empty(t, s.got.bytes)
	w.feed("new V2 K2@40")
	require.Equal(t, "V2 K2", s.transcript(t))
}

func TestViewerFromTheOldestPlaceSkipsLikeOthers(t *testing.T) {
	const large = "*70000"
	w := newWorld(t, Config{KeepBeginning: true, Lag: time.Second})
	w.feed("new V1 K1@0" + large)
	s := &sink{room: 1000}
	v := w.group.Add(s, ViewerConfig{FromOldest: true})
	w.loop.run()
	w.feed("K2@1000" + large + " | K3@2000" + large + " | K4@3000" + large + " | K5@4000" + large)
	s.room = -1
	w.loop.retry()
	require.Equal(t, "V1 K1 V1 K5", s.transcript(t), "to the newest key frame")
	require.EqualValues(t, 1, v.Skips())
}
