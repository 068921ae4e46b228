package chunk

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryHeaderType(t *testing.T) {
	w := new(wire)
	w.t0(4, 1000, 3, 9, 1).data([]byte("abc"))
	w.t1(4, 40, 2, 8).data([]byte("de"))
	w.t2(4, 30).data([]byte("fg"))
	w.t3(4).data([]byte("hi"))
	w.t3(4).data([]byte("jk"))
	everyCut(t, ReaderConfig{}, w,
		Message{4, 9, 1, 1000, []byte("abc")},
		Message{4, 8, 1, 1040, []byte("de")},
		Message{4, 8, 1, 1070, []byte("fg")},
		Message{4, 8, 1, 1100, []byte("hi")},
		Message{4, 8, 1, 1130, []byte("jk")},
	)
}

func TestMessageInManyChunks(t *testing.T) {
	for _, n := range []int{127, 128, 129, 255, 256, 257, 400} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			p := pattern(n, 1)
			w := new(wire).t0(6, 7, n, 9, 1)
			for i, part := range split(p, 128) {
				if i > 0 {
					w.t3(6)
				}
				w.data(part)
			}
			everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, 7, p})
		})
	}
}

func TestInterleavedMessages(t *testing.T) {
	video, audio := pattern(300, 1), pattern(200, 2)
	w := new(wire)
	w.t0(6, 40, 300, 9, 1).data(video[:128])
	w.t0(4, 23, 200, 8, 1).data(audio[:128])
	w.t3(6).data(video[128:256])
	w.t3(4).data(audio[128:])
	w.t2(4, 23).data(audio[:128])
	w.t3(6).data(video[256:])
	w.t3(4).data(audio[128:])
	everyCut(t, ReaderConfig{}, w,
		Message{4, 8, 1, 23, audio},
		Message{6, 9, 1, 40, video},
		Message{4, 8, 1, 46, audio},
	)
}

func TestChunkStreamIDs(t *testing.T) {
	w := new(wire)
	var want []Message
	for i, csid := range []uint32{2, 3, 63, 64, 319, 320, 65599} {
		w.t0(csid, uint32(i), 1, 8, 5).data([]byte{byte(i)})
		w.t2(csid, 1).data([]byte{byte(i + 100)})
		want = append(want, Message{csid, 8, 5, uint32(i), []byte{byte(i)}}, Message{csid, 8, 5, uint32(i) + 1, []byte{byte(i + 100)}})
	}
	everyCut(t, ReaderConfig{}, w, want...)
}

// An id below 320 may also come in the three-byte form.
func TestChunkStreamIDInLongForm(t *testing.T) {
	w := new(wire).data([]byte{0<<6 | 1, 6, 0}).be24(9).be24(1).data([]byte{8, 0, 0, 0, 0, 'x'})
	w.t3(70).data([]byte{'y'})
	everyCut(t, ReaderConfig{}, w, Message{70, 8, 0, 9, []byte("x")}, Message{70, 8, 0, 18, []byte("y")})
}

func TestEmptyMessage(t *testing.T) {
	w := new(wire)
	w.t0(5, 3, 0, 8, 1).t2(5, 4).t3(5)
	w.t1(5, 1, 1, 8).data([]byte{'x'})
	everyCut(t, ReaderConfig{}, w,
		Message{5, 8, 1, 3, []byte{}}, Message{5, 8, 1, 7, []byte{}}, Message{5, 8, 1, 11, []byte{}},
		Message{5, 8, 1, 12, []byte("x")})
}

func TestFirstHeaderOfChunkStream(t *testing.T) {
	w := new(wire).t1(2, 5, 6, 4).data([]byte("\x00\x06ping"))
	everyCut(t, ReaderConfig{}, w, Message{2, 4, 0, 5, []byte("\x00\x06ping")})

	w = new(wire).t0(3, 0, 1, 20, 0).data([]byte("x")).t2(4, 5)
	everyCutFails(t, ReaderConfig{}, w, ErrNoMessageHeader, 4, 13)
	w = new(wire).t0(3, 0, 1, 20, 0).data([]byte("x")).t3(4)
	everyCutFails(t, ReaderConfig{}, w, ErrNoMessageHeader, 4, 13)
}

// ffmpeg and rtmp2sink mean the type 0's timestamp, librtmp means that no time has passed.
func TestType3AfterType0(t *testing.T) {
	f := func(c ReaderConfig, time, wantSecond, wantThird uint32) {
		t.Helper()
		w := new(wire).t0(4, time, 1, 8, 1).data([]byte("a")).t3(4).data([]byte("b")).t3(4).data([]byte("c"))
		everyCut(t, c, w, Message{4, 8, 1, time, []byte("a")}, Message{4, 8, 1, wantSecond, []byte("b")},
			Message{4, 8, 1, wantThird, []byte("c")})
	}
	f(ReaderConfig{}, 0, 0, 0)
	f(ReaderConfig{}, 21, 42, 63)
	f(ReaderConfig{}, 10_000, 20_000, 30_000)
	f(ReaderConfig{}, 10_001, 10_001, 10_001)
	f(ReaderConfig{DeltaAfterType0Max: 1}, 21, 21, 21)
	f(ReaderConfig{DeltaAfterType0Max: 1<<32 - 1}, 10_001, 20_002, 30_003)
}

// The heuristic is about the type 0 only: a delta of any size is repeated.
func TestType3AfterLargeDelta(t *testing.T) {
	w := new(wire).t0(4, 20_000, 1, 8, 1).data([]byte("a")).t2(4, 15_000).data([]byte("b")).t3(4).data([]byte("c"))
	everyCut(t, ReaderConfig{}, w, Message{4, 8, 1, 20_000, []byte("a")}, Message{4, 8, 1, 35_000, []byte("b")},
		Message{4, 8, 1, 50_000, []byte("c")})
}

func TestTimestampWraps(t *testing.T) {
	w := new(wire).t0(4, 0xFFFFFFF0, 1, 8, 1).data([]byte("a")).t2(4, 0x20).data([]byte("b"))
	everyCut(t, ReaderConfig{}, w, Message{4, 8, 1, 0xFFFFFFF0, []byte("a")}, Message{4, 8, 1, 0x10, []byte("b")})
}

func TestSetChunkSizeInMidMessage(t *testing.T) {
	p := pattern(500, 1)
	f := func(size uint32) {
		t.Helper()
		w := new(wire).t0(6, 0, 500, 9, 1).data(p[:128]).setChunkSize(size)
		for _, part := range split(p[128:], int(size)) {
			w.t3(6).data(part)
		}
		got, err := read(t, ReaderConfig{}, split(w.Bytes(), 11)...)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Equal(t, uint8(1), got[0].Type)
		require.Equal(t, Message{6, 9, 1, 0, p}, got[1])
	}
	f(1)
	f(100)
	f(128)
	f(129)
	f(4096)
	f(chunkSizeMax)
}

func TestSetChunkSizeOnOddChunkStream(t *testing.T) {
	p := pattern(200, 1)
	w := new(wire).t0(9, 0, 4, 1, 7).be32(200).t0(4, 0, 200, 9, 1).data(p)
	everyCut(t, ReaderConfig{}, w, Message{9, 1, 7, 0, []byte{0, 0, 0, 200}}, Message{4, 9, 1, 0, p})
}

func TestSetChunkSizeOutOfRange(t *testing.T) {
	for _, size := range []uint32{0, chunkSizeMax + 1, 1 << 31, 1<<31 | 4096, 1<<32 - 1} {
		everyCutFails(t, ReaderConfig{}, new(wire).setChunkSize(size), ErrChunkSize, 2, 0)
	}
	everyCutFails(t, ReaderConfig{Limits: Limits{ChunkSizeMax: 1000}}, new(wire).setChunkSize(1001), ErrChunkSize, 2, 0)
	// Bit 31 must be zero whatever the limit.
	everyCutFails(t, ReaderConfig{Limits: Limits{ChunkSizeMax: 1 << 40}}, new(wire).setChunkSize(1<<31), ErrChunkSize, 2, 0)
}

func TestShortControlMessage(t *testing.T) {
	for _, msgType := range []uint8{1, 2} {
		for n := range 4 {
			w := new(wire).t0(2, 0, n, msgType, 0).data(make([]byte, n))
			everyCutFails(t, ReaderConfig{}, w, ErrControlLength, 2, 0)
		}
		w := new(wire).t0(2, 0, 5, msgType, 0).data([]byte{0, 0, 1, 0, 9})
		everyCut(t, ReaderConfig{}, w, Message{2, msgType, 0, 0, []byte{0, 0, 1, 0, 9}})
	}
}

func TestAbort(t *testing.T) {
	p, q := pattern(300, 1), pattern(130, 2)
	w := new(wire)
	w.t0(6, 40, 300, 9, 1).data(p[:128]).t3(6).data(p[128:256])
	w.t0(4, 40, 130, 8, 1).data(q[:128])
	w.abort(6)
	w.t3(4).data(q[128:])
	// After the abort a type 3 begins a message, with length and delta as before.
	w.t3(6).data(p[:128]).t3(6).data(p[128:256]).t3(6).data(p[256:])
	everyCut(t, ReaderConfig{}, w,
		Message{2, 2, 0, 0, []byte{0, 0, 0, 6}}, Message{4, 8, 1, 40, q}, Message{6, 9, 1, 80, p})
}

func TestAbortOfNothing(t *testing.T) {
	w := new(wire).abort(2).abort(0).abort(1).abort(6).abort(65600).abort(1<<32 - 1)
	everyCut(t, ReaderConfig{}, w,
		Message{2, 2, 0, 0, []byte{0, 0, 0, 2}}, Message{2, 2, 0, 0, []byte{0, 0, 0, 0}}, Message{2, 2, 0, 0, []byte{0, 0, 0, 1}},
		Message{2, 2, 0, 0, []byte{0, 0, 0, 6}}, Message{2, 2, 0, 0, []byte{0, 1, 0, 64}}, Message{2, 2, 0, 0, []byte{255, 255, 255, 255}})
}

// The class of CVE-2016-10191: a later header declares another length while the message is half read.
func TestHeaderInMidMessageBeginsAnew(t *testing.T) {
	p := pattern(300, 1)
	begin := func() *wire { return new(wire).t0(6, 100, 300, 9, 1).data(p[:128]).t3(6).data(p[128:256]) }
	short, long := pattern(10, 2), pattern(400, 3)

	everyCut(t, ReaderConfig{}, begin().t0(6, 5, 10, 8, 2).data(short), Message{6, 8, 2, 5, short})
	everyCut(t, ReaderConfig{}, begin().t1(6, 5, 10, 8).data(short), Message{6, 8, 1, 105, short})
	everyCut(t, ReaderConfig{}, begin().t1(6, 5, 0, 8), Message{6, 8, 1, 105, []byte{}})

	w := begin().t1(6, 5, 400, 9).data(long[:128]).t3(6).data(long[128:256]).t3(6).data(long[256:384]).t3(6).data(long[384:])
	everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, 105, long})

	w = begin().t2(6, 5).data(p[:128]).t3(6).data(p[128:256]).t3(6).data(p[256:])
	everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, 105, p})
}

func TestErrorOfEmitIsFinal(t *testing.T) {
	w := new(wire).t0(4, 0, 1, 8, 1).data([]byte("a")).t3(4).data([]byte("b"))
	r := NewReader(ReaderConfig{})
	stop := errors.New("stop")
	calls := 0
	emit := func(*Message) error { calls++; return stop }
	require.Equal(t, stop, r.Feed(w.Bytes(), emit))
	require.Equal(t, stop, r.Feed(w.Bytes(), emit))
	require.Equal(t, 1, calls)
	r.Close()
	require.Equal(t, stop, r.Feed(nil, emit))
}

func TestBytesReadInsideEmit(t *testing.T) {
	w := new(wire).t0(4, 0, 1, 8, 1).data([]byte("a")).t3(4).data([]byte("b"))
	for cut := range w.Len() + 1 {
		r := NewReader(ReaderConfig{})
		var at []uint64
		emit := func(*Message) error { at = append(at, r.BytesRead()); return nil }
		require.NoError(t, r.Feed(w.Bytes()[:cut], emit))
		require.NoError(t, r.Feed(w.Bytes()[cut:], emit))
		require.Equal(t, []uint64{13, 15}, at, "cut at %d", cut)
	}
}

func TestClose(t *testing.T) {
	l := newLedger(t)
	r := NewReader(ReaderConfig{Memory: l})
	none := func(*Message) error { t.Fatal("emitted"); return nil }
	require.NoError(t, r.Feed(new(wire).t0(6, 0, 300, 9, 1).data(pattern(128, 1)).t0(70, 0, 300, 9, 1).Bytes(), none))
	require.Len(t, l.out, 2)
	r.Close()
	require.Empty(t, l.out)
	r.Close()
	require.ErrorIs(t, r.Feed([]byte{1}, none), ErrClosed)
}
