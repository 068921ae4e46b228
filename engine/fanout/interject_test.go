package fanout

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

func interjection(name string) []byte {
	b := testFormat{}.Append(nil, media.Other, 0, []byte(name))
	b[0] = kindNotice
	return b
}

func TestInterjectAtOnceWhenNothingIsUnderWay(t *testing.T) {
	w := newWorld(t, Config{})
	v, s := w.watch(ViewerConfig{})
	v.Interject(interjection("waiting"))
	w.feed("new V1 K1@0")
	v.Interject(interjection("between"))
	w.feed("P1@40")
	require.Equal(t, "waiting V1 K1 between P1", s.transcript(t))
}

func TestInterjectAtEveryPlaceOfAMessage(t *testing.T) {
	length := testHeader + 20
	for cut := range length + 1 {
		w := newWorld(t, Config{})
		v, s := w.watch(ViewerConfig{})
		w.feed("new K1@0")
		s.room = cut
		w.feed("P1@40*20 P2@80*20 | P3@120*20")
		v.Interject(interjection("one"))
		v.Interject(interjection("two"))
		require.True(t, v.Blocked())
		s.room = -1
		w.loop.retry()
		w.feed("P4@160")
		want := "K1 P1 one two P2 P3 P4"
		if cut == 0 {
			want = "K1 one two P1 P2 P3 P4"
		}
		require.Equal(t, want, s.transcript(t), "cut %d", cut)
	}
}

// Nothing at all is the way to bring a viewer to the end of a message.
func TestInterjectOfNothingCompletesTheMessage(t *testing.T) {
	w := newWorld(t, Config{})
	v, s := w.watch(ViewerConfig{})
	w.feed("new K1@0")
	s.room = 20
	w.feed("P1@40*1000 P2@80*1000")
	s.room = -1
	v.Interject(nil)
	w.group.Remove(v)
	w.feed("P3@120")
	require.Equal(t, "K1 P1", s.transcript(t))
}

// The sink must be able to bound what a peer makes us answer while it does not read.
func TestInterjectionsAreQueuedAsBytesOfTheViewer(t *testing.T) {
	w := newWorld(t, Config{})
	v, s := w.watch(ViewerConfig{})
	w.feed("new K1@0")
	s.room = 20
	w.feed("P1@40*1000")
	v.Interject(interjection("one"))
	require.Equal(t, testHeader+1000-20, s.pending.count(fromMedia))
	require.Equal(t, testHeader+3, s.pending.count(fromQueue))
}

func TestRewrittenMessages(t *testing.T) {
	w := newWorld(t, Config{LagBytes: 512 << 10})
	_, s := w.watch(ViewerConfig{Rewrite: inVariant(7)})
	v, slow := w.watch(ViewerConfig{Rewrite: inVariant(3)})
	w.feed("new S1 V1 K1@0 A1@10*70000 P1@40 P2@80*150000")
	require.Equal(t, "S1 V1 K1 A1 P1 P2", s.transcript(t))
	slow.room = 100
	w.feed("P3@120*100000 | V2 K4@160*100000 | P4@200*100000 | P4@210*100000 | K5@240*60000 | P5@280*60000 P6@320*60000 | A9@330")
	v.Interject(interjection("x"))
	require.True(t, v.Blocked())
	slow.room = -1
	w.loop.retry()
	require.Equal(t, "S1 V1 K1 A1 P1 P2 P3 x S1 V2 K5 P5 P6 A9", slow.transcript(t))
	require.Equal(t, uint64(1), v.Skips())
	for variant, s := range map[byte]*sink{7: s, 3: slow} {
		all, _ := s.messages(t)
		for _, m := range all {
			if m.name() != "x" {
				require.Equal(t, variant, m.variant, m.name())
			}
		}
	}
}

func TestViewerOfRewrittenMessagesCatchesUpInSeveralVisits(t *testing.T) {
	w := newWorld(t, Config{})
	_, plain := w.watch(ViewerConfig{})
	v, s := w.watch(ViewerConfig{Rewrite: inVariant(7)})
	w.feed("new K1@0")
	s.room = 0
	for i := range 60 {
		w.feed(fmt.Sprintf("P%d@%d*60000", i, 40+i))
	}
	s.room = -1
	w.loop.retry()
	require.True(t, v.Blocked(), "3.6 MB are more than one visit copies")
	for range 10 {
		w.loop.retry()
	}
	require.False(t, v.Blocked())
	require.Equal(t, plain.transcript(t), s.transcript(t))
}

func TestMessagesThatAreLeftOut(t *testing.T) {
	w := newWorld(t, Config{})
	without := func(dst, message []byte) []byte {
		if media.Kind(message[0]) == media.Audio {
			return dst
		}
		return append(dst, message...)
	}
	_, early := w.watch(ViewerConfig{Rewrite: without})
	w.feed("new H1 V1 K1@0 A1@5 | A2@10 | P1@40")
	require.Equal(t, "V1 K1 P1", early.transcript(t))
	v, late := w.watch(ViewerConfig{Rewrite: without})
	require.Equal(t, "V1 K1 P1", late.transcript(t))
	w.feed("A3@50 A4@60")
	require.False(t, v.Blocked())
	require.Equal(t, "V1 K1 P1", late.transcript(t))
}

func TestLargeScratchMemoryIsNotKept(t *testing.T) {
	w := newWorld(t, Config{})
	_, s := w.watch(ViewerConfig{Rewrite: inVariant(7)})
	w.feed("new K1@0*3000000")
	require.Equal(t, "K1", s.transcript(t))
	require.LessOrEqual(t, cap(w.group.scratch), scratchKeepBytes)
}
