package fanout

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

func TestLaggardCostsNothingAndResumesAtTheNewestKeyFrame(t *testing.T) {
	const lagBytes = 1 << 20
	w := newWorld(t, Config{LagBytes: lagBytes})
	inUse := media.InUse()
	slow := &sink{room: 30_000}
	v := w.group.Add(slow, ViewerConfig{})
	_, fast := w.watch(ViewerConfig{})
	w.feed("new S1 V1 H1")
	for i := range 200 {
		w.feed(fmt.Sprintf("K%d@%d*20000 A%d@%d P%d@%d*20000", i, 80*i, i, 80*i+10, i, 80*i+40))
		require.LessOrEqual(t, w.Stats().Held, lagBytes)
		require.LessOrEqual(t, media.InUse()-inUse, int64(lagBytes/segmentBytes)+1)
	}
	fastMessages, _ := fast.messages(t)
	require.Len(t, fastMessages, 3+3*200)
	require.True(t, v.Blocked())
	require.Equal(t, uint64(1), v.Skips(), "a viewer that does not read skips once, not at every visit")
	require.Less(t, len(slow.pending.bytes), 20_100, "no more than the rest of a message is kept for it")

	slow.room = -1
	w.loop.retry()
	require.Equal(t, "S1 V1 H1 K0 A0 P0 S1 V1 H1 K199 A199 P199", slow.transcript(t), "a prelude for who had none")
	require.False(t, v.Blocked())
	require.Equal(t, uint64(1), w.Stats().Skips)
	all := w.Stats().Bytes
	got, _ := slow.messages(t)
	sum := uint64(0)
	for i, m := range got {
		if i < 6 || i >= 9 { // which is the prelude of the skip
			sum += uint64(m.bytes)
		}
	}
	require.Equal(t, all-sum, w.Stats().SkippedBytes)
}

func TestLaggardGetsHeadersThatChangedMeanwhile(t *testing.T) {
	w := newWorld(t, Config{LagBytes: 256 << 10})
	_, s := w.watch(ViewerConfig{})
	w.feed("new S1 V1 H1 K1@0")
	s.room = 5
	w.feed("P1@40*50000 | P2@80*50000 | V2 K2@120*50000 | P3@160*50000 | K3@200*50000 | P4@240*50000 | S2 H2 K4@280*50000 P5@320*50000")
	s.room = -1
	w.loop.retry()
	require.Equal(t, "S1 V1 H1 K1 P1 S2 V2 H2 K4 P5", s.transcript(t))
}

func TestLaggardWithinBoundsMissesNothing(t *testing.T) {
	w := newWorld(t, Config{})
	v, s := w.watch(ViewerConfig{})
	s.room = 10
	w.feed("new K1@0 P1@40 | K2@2000 | K3@4999 P3@4999")
	require.True(t, v.Blocked())
	s.room = -1
	w.loop.retry()
	require.Equal(t, "K1 P1 K2 K3 P3", s.transcript(t))
	require.Zero(t, w.Stats().Skips)
}

func TestLagInTime(t *testing.T) {
	f := func(lag time.Duration, last int, want string) {
		t.Helper()
		w := newWorld(t, Config{Lag: lag})
		_, s := w.watch(ViewerConfig{})
		w.feed("new K1@0")
		s.room = 20
		// Segments are what a log can let go of: each of these fills more than half of one.
		w.feed("P1@40*40000 | P2@80*40000 | K3@900*40000")
		w.feed(fmt.Sprintf("P4@%d", last))
		s.room = -1
		w.loop.retry()
		require.Equal(t, want, s.transcript(t))
	}
	f(time.Second, 1080, "K1 P1 P2 K3 P4")
	f(time.Second, 1081, "K1 P1 K3 P4") // P2 is too old; the peer has a part of P1
	f(0, 5080, "K1 P1 P2 K3 P4")
	f(0, 5081, "K1 P1 K3 P4")
}

func TestLagOfAViewerThatStandsBetweenMessages(t *testing.T) {
	w := newWorld(t, Config{LagBytes: 200 << 10})
	_, s := w.watch(ViewerConfig{})
	w.feed("new K1@0 P1@40")
	s.room = 0
	w.feed("P2@80*60000 | P3@120*60000 | K4@160*60000 P5@200*60000")
	require.Empty(t, s.pending.bytes)
	s.room = -1
	w.loop.retry()
	require.Equal(t, "K1 P1 K4 P5", s.transcript(t))
}

// A source may send faster than any loop visits. Whoever has part of a message gets the rest all the same.
func TestLogThatRunsAwayDuringAMessage(t *testing.T) {
	runAway := func(w *world) {
		for i := range 20 { // in one go, so that no visit comes while P1 is in the log
			w.word(fmt.Sprintf("K%d@%d*60000", 2+i, 80+40*i))
		}
		w.Publish()
	}
	f := func(name, want string, then func(w *world, v *Viewer, s *sink)) {
		t.Helper()
		for _, taken := range []int{1, 100, 60_000 + testHeader - 1} {
			inUse := media.InUse()
			w := newWorld(t, Config{LagBytes: 256 << 10})
			v, s := w.watch(ViewerConfig{})
			w.feed("new K1@0")
			s.room = taken
			w.feed("P1@40*60000")
			runAway(w)
			require.Equal(t, inUse+4+1, media.InUse(), "one segment is kept besides the log's")
			then(w, v, s)
			require.Equal(t, want, s.transcript(t), "%s, %d bytes taken", name, taken)
			w.group.Remove(v)
			w.Close()
			require.Equal(t, inUse, media.InUse())
		}
	}
	f("reads again", "K1 P1 K21", func(w *world, v *Viewer, s *sink) {
		s.room = -1
		w.loop.retry()
		require.Equal(t, uint64(1), v.Skips())
	})
	f("is told something", "K1 P1 x K21", func(w *world, v *Viewer, s *sink) {
		v.Interject(interjection("x"))
		s.room = -1
		w.loop.retry()
	})
	f("leaves", "K1 P1", func(w *world, v *Viewer, s *sink) {
		v.Interject(nil)
		w.group.Remove(v)
		s.room = -1
		s.Flush()
	})
	f("when the log is closed", "K1 P1", func(w *world, v *Viewer, s *sink) {
		w.Close()
		s.room = -1
		w.loop.retry()
	})
}

func TestViewerThatLeavesWithinAMessageKeepsNothing(t *testing.T) {
	for _, end := range []func(w *world, v *Viewer, s *sink){
		func(w *world, v *Viewer, s *sink) { w.group.Remove(v) },
		func(w *world, v *Viewer, s *sink) { s.fail = errors.New("reset"); w.loop.retry() },
		func(w *world, v *Viewer, s *sink) { s.onWrite = func() { panic("oops") }; w.loop.retry() },
		func(w *world, v *Viewer, s *sink) { s.room = -1; w.loop.retry() },
	} {
		inUse := media.InUse()
		w := newWorld(t, Config{})
		v, s := w.watch(ViewerConfig{})
		s.room = 20
		w.feed("new K1@0*1000")
		require.NotNil(t, v.held.segment)
		end(w, v, s)
		w.Close()
		require.Equal(t, inUse, media.InUse())
	}
}

func TestGroupOfPicturesLargerThanTheLog(t *testing.T) {
	const lagBytes = 256 << 10
	w := newWorld(t, Config{LagBytes: lagBytes})
	_, watching := w.watch(ViewerConfig{})
	slow := &sink{room: 100}
	w.group.Add(slow, ViewerConfig{})
	w.feed("new V1 K1@0")
	for i := range 20 {
		w.feed(fmt.Sprintf("P%d@%d*60000", 1+i, 40+40*i))
		require.LessOrEqual(t, w.Stats().Held, lagBytes)
	}
	slow.room = -1
	w.loop.retry()
	_, late := w.watch(ViewerConfig{})
	require.Empty(t, late.got.bytes, "its key frame is gone")
	require.Equal(t, "V1 K1 P1", slow.transcript(t), "waits, with a whole message")
	w.feed("K2@840 P22@880")
	require.Equal(t, "V1 K2 P22", late.transcript(t))
	require.Equal(t, "V1 K1 P1 V1 K2 P22", slow.transcript(t))
	all, _ := watching.messages(t)
	require.Len(t, all, 2+20+2, "a viewer that keeps up misses nothing")
}

func TestMessagesLargerThanTheLog(t *testing.T) {
	const lagBytes = 128 << 10
	w := newWorld(t, Config{LagBytes: lagBytes})
	_, s := w.watch(ViewerConfig{})
	for i, size := range []int{1, 65_521, 65_522, 65_523, 200_000, 1, 3 << 20, 1 << 20, 70_000} {
		if i == 0 {
			w.feed("new")
		}
		w.feed(fmt.Sprintf("K%d@%d*%d", i, 40*i, size))
		require.LessOrEqual(t, w.Stats().Held, max(lagBytes, len(w.segments[len(w.segments)-1].memory)))
	}
	require.Equal(t, "K0 K1 K2 K3 K4 K5 K6 K7 K8", s.transcript(t))
}

// What counts for the bound is memory: frames that leave a third of each segment unused must not hold more.
func TestHeldCountsMemoryAndNotBytes(t *testing.T) {
	const lagBytes = 1 << 20
	w := newWorld(t, Config{LagBytes: lagBytes})
	w.watch(ViewerConfig{})
	w.feed("new K1@0")
	for i := range 100 {
		w.feed(fmt.Sprintf("P%d@%d*34000", i, i))
		require.LessOrEqual(t, w.Stats().Held, lagBytes)
	}
	require.Greater(t, w.Stats().Held, lagBytes-segmentBytes)
}

func TestWithoutViewersOnlyTheGroupOfPicturesIsHeld(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1")
	for i := range 50 {
		w.feed(fmt.Sprintf("K%d@%d*60000 | P%d@%d*60000 | P%d@%d*60000", i, 120*i, i, 120*i+40, i, 120*i+80))
		require.LessOrEqual(t, w.Stats().Held, 4*segmentBytes)
	}
	v, s := w.watch(ViewerConfig{})
	require.Equal(t, "V1 K49 P49 P49", s.transcript(t))
	w.feed("K50@6000*60000 K51@6040*60000 K52@6080*60000 K53@6120*60000")
	require.Greater(t, w.Stats().Held, 6*segmentBytes, "a viewer may fall behind")
	w.group.Remove(v)
	w.feed("K54@6160*60000 | K55@6200*60000")
	require.LessOrEqual(t, w.Stats().Held, 2*segmentBytes)
}

func TestWithoutViewersAnAudioStreamHoldsOneSegment(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new H1")
	for i := range 500 {
		w.feed(fmt.Sprintf("A%d@%d*400", i, 20*i))
	}
	require.LessOrEqual(t, w.Stats().Held, segmentBytes)
}

func TestSourceThatSetsItsClockAnewDoesNotUpsetTheBounds(t *testing.T) {
	w := newWorld(t, Config{})
	v, s := w.watch(ViewerConfig{})
	w.feed("new K1@10000000 P1@10000040")
	s.room = 0
	w.feed("P2@0*40000 | P3@40*40000 | P4@80*40000")
	require.Zero(t, v.Skips(), "nothing is old yet")
	w.feed("K5@5100*40000 | P5@5140")
	require.Equal(t, uint64(1), v.Skips(), "P2 is older than 5 s")
	s.room = -1
	w.loop.retry()
	require.Equal(t, "K1 P1 K5 P5", s.transcript(t))
}

func TestWriteErrorClosesTheViewer(t *testing.T) {
	w := newWorld(t, Config{})
	_, other := w.watch(ViewerConfig{})
	v, s := w.watch(ViewerConfig{})
	s.fail = errors.New("reset by peer")
	w.feed("new K1@0")
	require.Equal(t, s.fail, s.closed)
	require.False(t, v.Blocked())
	require.False(t, w.loop.later)
	w.feed("P1@40")
	require.Equal(t, "K1 P1", other.transcript(t))
	w.group.Remove(v)
	w.group.Remove(v)
	require.Equal(t, 1, w.Stats().Viewers)
}

func TestPanicOfOneViewerEndsOnlyThatViewer(t *testing.T) {
	w := newWorld(t, Config{})
	_, before := w.watch(ViewerConfig{})
	_, s := w.watch(ViewerConfig{})
	s.onWrite = func() { panic("oops") }
	_, behind := w.watch(ViewerConfig{})
	w.feed("new K1@0 | P1@40")
	require.ErrorIs(t, s.closed, ErrPanic)
	require.ErrorContains(t, s.closed, "oops")
	require.ErrorContains(t, s.closed, "lag_test.go", "the stack tells where")
	require.Equal(t, "K1 P1", before.transcript(t))
	require.Equal(t, "K1 P1", behind.transcript(t))
}

func TestCloseOfTheLogEndsWhatViewersGet(t *testing.T) {
	inUse := media.InUse()
	w := newWorld(t, Config{})
	_, done := w.watch(ViewerConfig{})
	_, within := w.watch(ViewerConfig{})
	_, between := w.watch(ViewerConfig{})
	_, waiting := w.watch(ViewerConfig{FromNextKey: true})
	w.feed("new K1@0")
	within.room, between.room = 5, 0
	w.feed("P1@40")
	w.Close()
	require.Equal(t, inUse+1, media.InUse(), "for the one that has part of a message")
	require.Zero(t, w.Stats().Held)
	for _, s := range []*sink{done, within, between, waiting} {
		s.room = -1
	}
	_, late := w.watch(ViewerConfig{})
	w.loop.retry()
	require.Equal(t, "K1 P1", done.transcript(t))
	require.Equal(t, "K1 P1", within.transcript(t))
	require.Equal(t, inUse, media.InUse())
	require.Equal(t, "K1", between.transcript(t))
	require.Empty(t, late.got.bytes)
	w.Close()
}

func TestLogFollowsItsSlowestViewer(t *testing.T) {
	w := newWorld(t, Config{})
	w.newLoop() // without viewers
	w.watch(ViewerConfig{})
	w.feed("new")
	second := func(i int) { // 25 frames, 1.5 MB
		w.feed(fmt.Sprintf("K%d@%d*60000", i, 1000*i))
		for p := range 24 {
			w.feed(fmt.Sprintf("P%d@%d*60000", i, 1000*i+40*(p+1)))
		}
	}
	const perSecond = 25 * segmentBytes // a frame fills most of a segment
	for i := range 8 {
		second(i)
		require.LessOrEqual(t, w.Stats().Held, 2*perSecond, "the group of pictures, and what viewers may just have begun with")
	}
	_, slow := w.watch(ViewerConfig{})
	slow.room = 0
	for i := range 4 {
		second(8 + i)
	}
	require.GreaterOrEqual(t, w.Stats().Held, 4*perSecond, "what the slow viewer has not taken")
	slow.room = -1
	w.loop.retry()
	second(12)
	require.LessOrEqual(t, w.Stats().Held, 2*perSecond)
	all, _ := slow.messages(t)
	require.Equal(t, 6*25, len(all), "everything from the key frame on that was the newest when it came")
	require.Zero(t, w.Stats().Skips)
}
