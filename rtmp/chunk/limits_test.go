package chunk

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessageBytesMax(t *testing.T) {
	w := new(wire).t0(6, 0, messageBytesMax+1, 9, 1)
	everyCutFails(t, ReaderConfig{}, w, ErrMessageTooLarge, 6, 0)

	p := pattern(messageBytesMax, 1)
	w = new(wire).setChunkSize(chunkSizeMax).t0(6, 0, messageBytesMax, 9, 1).data(p)
	got, err := read(t, ReaderConfig{}, split(w.Bytes(), 64<<10)...)
	require.NoError(t, err)
	require.Equal(t, p, got[1].Payload)

	c := ReaderConfig{Limits: Limits{MessageBytesMax: 10}}
	everyCut(t, c, new(wire).t0(6, 0, 10, 9, 1).data(pattern(10, 1)), Message{6, 9, 1, 0, pattern(10, 1)})
	everyCutFails(t, c, new(wire).t0(6, 0, 11, 9, 1).data(pattern(11, 1)), ErrMessageTooLarge, 6, 0)
	// A length inherited from before the limit was passed cannot exist, so types 1 and 2 are the same check.
	everyCutFails(t, c, new(wire).t0(6, 0, 1, 9, 1).data([]byte("x")).t1(6, 0, 11, 9), ErrMessageTooLarge, 6, 13)
}

func TestChunkStreamsMax(t *testing.T) {
	ids := func(n int) *wire {
		w := new(wire)
		for i := range n {
			w.t0(uint32(2+i*1000), 0, 1, 8, 1).data([]byte("x"))
		}
		return w
	}
	got, err := read(t, ReaderConfig{}, ids(chunkStreamsMax).Bytes())
	require.NoError(t, err)
	require.Len(t, got, chunkStreamsMax)

	got, err = read(t, ReaderConfig{}, ids(chunkStreamsMax+1).Bytes())
	require.ErrorIs(t, err, ErrTooManyChunkStreams)
	require.Len(t, got, chunkStreamsMax)

	everyCutFails(t, ReaderConfig{Limits: Limits{ChunkStreamsMax: 1}}, ids(2), ErrTooManyChunkStreams, 1002, 13)
}

// Bytes held count as memory claimed: what two half read messages have been given.
func TestPartialBytesMax(t *testing.T) {
	c := ReaderConfig{Limits: Limits{PartialBytesMax: 500}}
	w := new(wire).t0(6, 0, 300, 9, 1).data(pattern(128, 1)).t0(4, 0, 200, 9, 1).data(pattern(128, 2))
	everyCut(t, c, w)
	w = new(wire).t0(6, 0, 300, 9, 1).data(pattern(128, 1)).t0(4, 0, 201, 9, 1)
	everyCutFails(t, c, w, ErrPartialBytes, 4, 140)

	// Complete, dropped and aborted messages count no more.
	w = new(wire)
	for range 5 {
		w.t0(6, 0, 300, 9, 1).data(pattern(128, 1)).t0(6, 0, 100, 9, 1).data(pattern(100, 1))
		w.t0(4, 0, 300, 9, 1).data(pattern(128, 1)).abort(4)
		w.t0(6, 0, 300, 9, 1).data(pattern(128, 1))
	}
	_, err := read(t, c, w.Bytes())
	require.NoError(t, err)
}

func TestPartialBytesMaxWhileGrowing(t *testing.T) {
	f := func(limit int, want error) {
		t.Helper()
		w := new(wire).setChunkSize(1<<20).t0(6, 0, 3*eagerBytes, 9, 1).data(pattern(3*eagerBytes, 1))
		_, err := read(t, ReaderConfig{Limits: Limits{PartialBytesMax: limit}}, split(w.Bytes(), 1000)...)
		require.ErrorIs(t, err, want)
	}
	f(3*eagerBytes, nil)
	f(3*eagerBytes-1, ErrPartialBytes)
}

// A declared length alone claims at most eagerBytes; a message really sent earns its size.
func TestMemoryIsEarned(t *testing.T) {
	const length = 1 << 20
	l := newLedger(t)
	r := NewReader(ReaderConfig{Memory: l})
	free := func(m *Message) error { l.Free(m.Payload); return nil }
	feed := func(w *wire) { t.Helper(); require.NoError(t, r.Feed(w.Bytes(), free)) }
	p := pattern(length, 1)

	feed(new(wire).setChunkSize(length))
	feed(new(wire).t0(6, 0, length, 9, 1))
	require.Equal(t, eagerBytes, l.held)
	feed(new(wire).data(p[:eagerBytes]))
	require.Equal(t, eagerBytes, l.held)
	feed(new(wire).data(p[:1]))
	require.Equal(t, 2*eagerBytes, l.held)
	feed(new(wire).data(p[eagerBytes+1:]))
	require.Zero(t, l.held)

	feed(new(wire).t0(6, 0, length, 9, 1))
	require.Equal(t, length, l.held, "earned")
	feed(new(wire).data(p).t0(6, 0, length+1, 9, 1))
	require.Equal(t, length, l.held, "one byte more than earned")
}

// Messages of other chunk streams that have not begun to come must not claim what one message has earned.
func TestPartialBytesMaxIsChanged(t *testing.T) {
	const length = 100 << 10
	r := NewReader(ReaderConfig{})
	r.SetPartialBytesMax(3 * length)
	feed := func(w *wire) error { return r.Feed(w.Bytes(), func(*Message) error { return nil }) }
	require.NoError(t, feed(new(wire).setChunkSize(length).t0(6, 0, length, 9, 1).data(pattern(length, 1))))
	claims := func(from, to int) *wire { // a header and one byte of each
		w := new(wire).setChunkSize(1)
		for i := from; i < to; i++ {
			w.t0(uint32(10+i), 0, length, 9, 1).data([]byte("x"))
		}
		return w
	}
	require.NoError(t, feed(claims(0, 3)))
	r.SetPartialBytesMax(4 * length)
	require.NoError(t, feed(claims(3, 4)))
	require.ErrorIs(t, feed(claims(4, 5)), ErrPartialBytes)
}

// Headers alone claim little, however many.
func TestHeadersClaimLittle(t *testing.T) {
	l := newLedger(t)
	r := NewReader(ReaderConfig{Memory: l})
	w := new(wire).setChunkSize(1)
	for i := range chunkStreamsMax - 1 { // the chunk size came on one of its own
		w.t0(uint32(10+i), 0, messageBytesMax, 9, 1).data([]byte("x"))
	}
	require.NoError(t, r.Feed(w.Bytes(), func(m *Message) error { l.Free(m.Payload); return nil }))
	require.LessOrEqual(t, l.held, 256<<10)
	r.Close()
}
