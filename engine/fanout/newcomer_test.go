package fanout

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

func TestNewcomerGetsPreludeThenNewestKeyFrame(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new S1 H1 V1 K1@0 A1@10 P1@40 | K2@80 A2@90 P2@120")
	_, s := w.watch(ViewerConfig{})
	require.Equal(t, "S1@0 V1@80 H1@80 K2@80 A2@90 P2@120", s.timed(t))
	w.feed("P3@160 K3@200")
	require.Equal(t, "S1 V1 H1 K2 A2 P2 P3 K3", s.transcript(t))
}

func TestNewcomerFromNextKeyFrame(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 K1@0 P1@40")
	_, s := w.watch(ViewerConfig{FromNextKey: true})
	w.feed("P2@80 A1@90")
	require.Empty(t, s.got.bytes)
	w.feed("P3@120 K2@160 P4@200")
	require.Equal(t, "V1 K2 P4", s.transcript(t))
}

func TestNewcomerFromNextKeyFrameThatIsAppendedButNotPublished(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 K1@0 P1@40")
	w.word("K2@80")
	_, s := w.watch(ViewerConfig{FromNextKey: true})
	require.Empty(t, s.got.bytes)
	w.feed("P2@120")
	require.Equal(t, "V1 K2 P2", s.transcript(t))
}

func TestViewerBeforeTheStreamGetsItFromItsStart(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new S1 | V1 | H1 | A1@5 | K1@10 A2@20 P1@50 | K2@90")
	require.Equal(t, "S1 V1 H1 A1 K1 A2 P1 K2", s.transcript(t))
}

func TestViewerBeforeTheStreamGetsItFromItsStartThoughItsLoopIsLate(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	_, next := w.watch(ViewerConfig{FromNextKey: true})
	w.feed("new V1 H1 K1@0 P1@40 V2 K2@80 K3@120")
	require.Equal(t, "V1 H1 K1 P1 V2 K2 K3", s.transcript(t))
	require.Equal(t, "V1 H1 K1 P1 V2 K2 K3", next.transcript(t))
	_, late := w.watch(ViewerConfig{})
	require.Equal(t, "V2 H1 K3", late.transcript(t))
	w.feed("end new V3 H1 K4@160 K5@200")
	require.Equal(t, "V2 H1 K3 [end] [begin] V3 H1 K4 K5", late.transcript(t))
}

func TestViewerBeforeAnAudioStreamGetsItFromItsStart(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new H1 A1@0 A2@20 A3@40")
	require.Equal(t, "H1 A1 A2 A3", s.transcript(t))
}

func TestNothingIsVisibleBeforeItIsPublished(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.word("new")
	w.word("K1@0")
	w.loop.Mark()
	w.loop.run()
	require.Empty(t, s.got.bytes)
	require.Zero(t, w.Stats().Packets)
	w.feed("")
	require.Equal(t, "K1", s.transcript(t))
}

func TestAudioOnlyStream(t *testing.T) {
	w := newWorld(t, Config{})
	_, early := w.watch(ViewerConfig{})
	w.feed("new S1 H1 A1@0 | A2@20 | A3@40")
	require.Equal(t, "S1 H1 A1 A2 A3", early.transcript(t))
	_, s := w.watch(ViewerConfig{})
	_, next := w.watch(ViewerConfig{FromNextKey: true})
	w.feed("A4@60")
	require.Equal(t, "S1 H1 A3 A4", s.transcript(t))
	require.Equal(t, "S1 H1 A4", next.transcript(t))
}

func TestVideoJoinsAnAudioStream(t *testing.T) {
	w := newWorld(t, Config{})
	_, early := w.watch(ViewerConfig{})
	w.feed("new H1 A1@0 | A2@20 | V1@30 P1@30 A3@40")
	_, s := w.watch(ViewerConfig{})
	w.feed("K1@60 P2@100")
	require.Equal(t, "H1 A1 A2 V1 A3 K1 P2", early.transcript(t))
	require.Equal(t, "H1 A2 V1 A3 K1 P2", s.transcript(t), "what came between is in the log")
}

func TestVideoBeforeTheFirstKeyFrameIsLeftOut(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new V1 P1@0 A1@10 P2@40")
	require.Equal(t, uint64(2), w.Stats().BeforeKey)
	w.feed("K1@80 P3@120")
	require.Equal(t, "V1 A1 K1 P3", s.transcript(t))
	require.Equal(t, uint64(2), w.Stats().BeforeKey)
	require.Equal(t, uint64(4), w.Stats().Packets, "V1, A1, K1 and P3")
}

func TestFramesLeftOutAreCountedThoughThereIsNothingToPublish(t *testing.T) {
	w := newWorld(t, Config{})
	w.watch(ViewerConfig{})
	w.feed("new")
	marks := w.loop.marks.Load()
	w.feed("P1@0")
	w.feed("P2@40")
	require.Equal(t, uint64(2), w.Stats().BeforeKey)
	require.Equal(t, marks, w.loop.marks.Load(), "nobody is woken for nothing")
}

func TestPacketsOutsideAStreamAreLeftOut(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("S1 V1 K1@0 A1@0")
	require.Equal(t, Stats{}, w.Stats())
}

// A header that changes behind the newest key frame belongs to the next one: given to a newcomer before, it would
// make the key frame undecodable.
func TestNewcomerGetsTheHeadersOfItsKeyFrame(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 H1 K1@0 P1@40 V2@80")
	_, s := w.watch(ViewerConfig{})
	w.feed("K2@80")
	require.Equal(t, "V1 H1 K1 P1 V2 K2", s.transcript(t))
	_, late := w.watch(ViewerConfig{})
	require.Equal(t, "V2 H1 K2", late.transcript(t))
}

func TestHeadersOfSeveralTracksAndCodecs(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new H1 H2#2 V1 V2#2 V3 H3#2 K1@0")
	_, s := w.watch(ViewerConfig{})
	require.Equal(t, "V3 V2#2 H1 H3#2 K1", s.transcript(t), "video first, in the order of tracks")
}

func TestWhatComesBesideHeadersIsKept(t *testing.T) {
	w := newWorld(t, Config{})
	_, early := w.watch(ViewerConfig{})
	w.feed("new C1 H1 M1 V1 M2#1 K1@0 P1@40 M3 V4@80 K2@80")
	require.Equal(t, "C1 H1 M1 V1 M2#1 K1 P1 M3 V4 K2", early.transcript(t), "also before the first key frame")
	_, late := w.watch(ViewerConfig{})
	require.Equal(t, "V4 M3 M2#1 H1 C1 K2", late.transcript(t))
	require.Zero(t, w.Stats().BeforeKey)
}

func TestHeadersOfManyTracksAtOnce(t *testing.T) {
	f := func(headers, want string) {
		t.Helper()
		w := newWorld(t, Config{})
		w.feed("new " + headers + " K1@0")
		_, s := w.watch(ViewerConfig{})
		require.Equal(t, want+" K1", s.transcript(t))
	}
	f("V1#0+1 V2#1", "V1#0+1 V2#1")
	f("V1#0 V2#1 V3#0+1", "V3#0+1")
	f("V1#0+1 V2#1 V3#0+1", "V3#0+1")
	f("V1#2 V2#0+1 V3#0", "V1#2 V2#0+1 V3#0")
	f("V1#0+1 V2#1+2 V3#0+1", "V2#1+2 V3#0+1")
	f("V1#2 V2#0 V3#1", "V2#0 V3#1 V1#2")
}

// Two video tracks, whose key frames stand together or not. A newcomer begins with one of track 0.
func TestNewcomerBeginsAtTheMainTracksKeyFrame(t *testing.T) {
	f := func(stream, want string) {
		t.Helper()
		w := newWorld(t, Config{})
		w.feed("new K1#0@0 K1#1@0 " + stream)
		_, s := w.watch(ViewerConfig{})
		require.Equal(t, want, s.transcript(t), stream)
	}
	f("P1#0@40 P1#1@40 K2#0@80 K2#1@80 P2#0@120", "K2#0 K2#1 P2#0")
	f("P1#0@40 P1#1@40 K2#1@80 A1@80 K2#0@80 P2#1@120", "K2#1 A1 K2#0 P2#1")
	f("P1#1@40 P1#0@40 K2#1@80 P2#0@80", "K1#0 K1#1 P1#1 P1#0 K2#1 P2#0")
	f("P1#0@40 K2#1@80 P2#0@80 K3#0@120", "K3#0")
	f("K2#0@40 K2#1@40 K3#0@80 K3#1@80", "K3#0 K3#1") // nothing but key frames
}

func TestTrackWithTheLowestIDIsTheMainOne(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new K1#3@0 P1#3@40 K2#3@80")
	_, s := w.watch(ViewerConfig{})
	require.Equal(t, "K2#3", s.transcript(t))
	w.feed("P2#3@100 K3#1@120 K4#3@160 P3#1@180 K5#3@200")
	_, late := w.watch(ViewerConfig{})
	require.Equal(t, "K3#1 K4#3 P3#1 K5#3", late.transcript(t))
}

func TestRepeatedHeadersChangeNothing(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 H1 K1@0")
	version := w.Log.stream.prelude.version
	w.feed("V1 H1 K2@40")
	require.Equal(t, version, w.Log.stream.prelude.version)
}

func TestPreludeIsBounded(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new H1*1000 V1*261144 K1@0") // 262,144 together
	require.Zero(t, w.Stats().PreludeOver)
	_, late := w.watch(ViewerConfig{})
	require.Equal(t, "V1 H1 K1", late.transcript(t))
	w.feed("H2#1*1 K2@40") // the byte too many
	require.Equal(t, uint64(1), w.Stats().PreludeOver)
	_, later := w.watch(ViewerConfig{})
	require.Equal(t, "V1 H1 K2", later.transcript(t))
	require.Equal(t, "H1 V1 K1 H2#1 K2", s.transcript(t), "those who watch get everything")
}

func TestDescriptionChangesWhileWatching(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new S1 K1@1000")
	_, s := w.watch(ViewerConfig{})
	w.feed("S2 P1@1040")
	require.Equal(t, "S1@0 K1@1000 S2@0 P1@1040", s.timed(t))
	w.feed("K2@1080")
	_, late := w.watch(ViewerConfig{})
	require.Equal(t, "S2@0 K2@1080", late.timed(t))
}

func TestOtherPacketsArePassedOn(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{})
	w.feed("new K1@0 O1@5 P1@40")
	require.Equal(t, "K1 O1 P1", s.transcript(t))
}

func TestFormatThatAnnouncesAWrongLengthIsOurMistake(t *testing.T) {
	l := New(Config{}, wrongLen{})
	defer l.Close()
	w := &world{t: t, Log: l}
	w.word("new")
	require.PanicsWithValue(t, "BUG: a message of 16 bytes was announced with 15", func() { w.word("S1") })
}

type wrongLen struct{ testFormat }

func (f wrongLen) Len(_ media.Kind, _ int64, n int) int { return testHeader + n - 1 }

// TestBeginsComesOnceBeforeTheFirstOfTheLog: not before there is something to begin with, and not again after a skip.
func TestBeginsComesOnceBeforeTheFirstOfTheLog(t *testing.T) {
	w := newWorld(t, Config{})
	begun := 0
	var s *sink
	config := ViewerConfig{Begins: func() {
		begun++
		s.Queue(testFormat{}.Append(nil, media.Other, 0, []byte("head")))
	}}
	_, s = w.watch(config)
	w.feed("new")
	require.Zero(t, begun)
	w.feed("V1 | K1@0 | P1@40 end new V2 K2@80")
	require.Equal(t, "head V1 K1 P1 [end] [begin] V2 K2", s.transcript(t))
	require.Equal(t, 1, begun)
}
