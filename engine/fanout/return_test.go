package fanout

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

func TestStreamEndsAndReturns(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new S1 V1 H1 K1@1000 P1@1040 | end | new | S2 V2 H2 A1@0 P2@0 K2@40 P3@80")
	require.Equal(t, "S1@0 V1@0 H1@0 K1@1000 P1@1040 [end]@1040 [begin]@1040 S2@0 V2@1040 H2@1040 A1@1060 K2@1100 P3@1140", s.timed(t))
	require.Equal(t, uint64(1), w.Stats().BeforeKey, "P2: the new stream has its own first key frame")
}

// Headers carry the time 0 in the words of the test above; here the first packet is not at zero.
func TestTimesGoOnWhereTheyStoppedWhateverTheNewClockSays(t *testing.T) {
	f := func(first string, want string) {
		t.Helper()
		w := newWorld(t, Config{})
		_, s := w.watch(ViewerConfig{})
		w.feed("new K1@1000 | end | new | " + first)
		require.Equal(t, "K1@1000 [end]@1000 [begin]@1000 "+want, s.timed(t))
	}
	f("K2@0 P2@40", "K2@1020 P2@1060")
	f("K2@999 P2@1039", "K2@1020 P2@1060")
	f("K2@1000 P2@1040", "K2@1000 P2@1040") // the publisher kept its clock
	f("K2@9000 P2@9040", "K2@9000 P2@9040")
	f("K2@-500 P2@-460", "K2@1020 P2@1060")
	f("V2@0 K2@1040 P2@1080", "V2@1000 K2@1040 P2@1080") // it kept its clock, and its header is said again
	f("V2@0 K2@0 P2@40", "V2@1000 K2@1020 P2@1060")
	f("V2@9000 K2@9040", "V2@9000 K2@9040")
}

func TestNothingIsShiftedWhenNobodyWatches(t *testing.T) {
	w := newWorld(t, Config{})
	v, _ := w.watch(ViewerConfig{})
	w.feed("new K1@1000")
	w.group.Remove(v)
	w.feed("end | new K2@0 P2@40")
	_, s := w.watch(ViewerConfig{})
	require.Equal(t, "K2@0 P2@40", s.timed(t))
}

func TestViewerOfAnEndedStreamGetsNothingOld(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new S1 V1 K1@1000 P1@1040 | end")
	_, s := w.watch(ViewerConfig{})
	require.Empty(t, s.got.bytes)
	w.feed("new V2 K2@0")
	require.Equal(t, "V2 K2", s.transcript(t), "and no header of the stream before")
}

func TestLaggardAtTheEndOfAStream(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	s.room = 20
	w.feed("new K1@0 P1@40 | end")
	_, late := w.watch(ViewerConfig{})
	s.room = -1
	w.loop.retry()
	require.Equal(t, "K1 P1 [end]", s.transcript(t))
	require.Empty(t, late.got.bytes)
}

func TestBeginningImpliesTheEndOfWhatWas(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new K1@0 | new K2@0 | end end")
	require.Equal(t, "K1 [end] [begin] K2 [end]", s.transcript(t))
}

func TestEndedStreamIsNotHeldForANewOneWithASmallerClock(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new")
	for i := range 30 {
		w.feed(fmt.Sprintf("K%d@%d*60000", i, 1_000_000+40*i))
	}
	w.feed("end | new")
	for i := range 30 {
		w.feed(fmt.Sprintf("K%d@%d*60000", i, 40*i))
	}
	require.LessOrEqual(t, w.Stats().Held, 2*segmentBytes)
}

type quietFormat struct{ testFormat }

func (quietFormat) AppendNotice(dst []byte, _ media.Event, _ int64) []byte { return dst }

func TestFormatWithoutNotices(t *testing.T) {
	l := New(Config{}, quietFormat{})
	w := &world{t: t, Log: l}
	w.group, w.loop = w.newLoop()
	defer l.Close()
	_, s := w.watch(ViewerConfig{})
	w.feed("new K1@0 | end")
	_, late := w.watch(ViewerConfig{})
	w.feed("new K2@0")
	require.Equal(t, "K1 K2", s.transcript(t))
	require.Equal(t, "K2", late.transcript(t))
}

func TestHeadersThatAreSaidAgainDoNotGoBack(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new V1@0 H1@0 K1@1000 A1@1010 P1@1040")
	w.feed("V1@0 H1@0 P2@1080") // as a workflow does when a step before this one has changed
	require.Equal(t, "V1@0 H1@0 K1@1000 A1@1010 P1@1040 V1@1040 H1@1010 P2@1080", s.timed(t))
}
