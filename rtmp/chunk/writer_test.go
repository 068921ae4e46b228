package chunk

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendPicksTheShortestHeader(t *testing.T) {
	abc := []byte("abc")
	w, want := NewWriter(), new(wire)
	var got []byte
	add := func(csid, streamID uint32, msgType uint8, time uint32, p []byte) {
		got = w.Append(got, &Message{csid, msgType, streamID, time, p})
	}
	add(4, 1, 8, 1000, abc)
	want.t0(4, 1000, 3, 8, 1).data(abc)
	add(4, 1, 8, 2000, abc) // no type 3 after a type 0, receivers differ
	want.t2(4, 1000).data(abc)
	add(4, 1, 8, 3000, abc)
	want.t3(4).data(abc)
	add(4, 1, 8, 3023, abc)
	want.t2(4, 23).data(abc)
	add(4, 1, 8, 3046, abc[:2])
	want.t1(4, 23, 2, 8).data(abc[:2])
	add(4, 1, 9, 3069, abc[:2])
	want.t1(4, 23, 2, 9).data(abc[:2])
	add(4, 1, 9, 3092, abc[1:])
	want.t3(4).data(abc[1:])
	add(4, 2, 9, 3115, abc[1:])
	want.t0(4, 3115, 2, 9, 2).data(abc[1:])
	add(4, 2, 9, 3114, abc[1:])
	want.t0(4, 3114, 2, 9, 2).data(abc[1:])
	add(4, 2, 9, 3114, abc[1:])
	want.t2(4, 0).data(abc[1:])
	add(70, 2, 9, 3114, nil)
	want.t0(70, 3114, 0, 9, 2)
	require.Equal(t, want.Bytes(), got)
}

func TestAppendAcrossTheWrap(t *testing.T) {
	w := NewWriter()
	got := w.Append(nil, &Message{4, 8, 1, 0xFFFFFFF0, nil})
	got = w.Append(got, &Message{4, 8, 1, 5, nil})
	require.Equal(t, new(wire).t0(4, 0xFFFFFFF0, 0, 8, 1).t0(4, 5, 0, 8, 1).Bytes(), got)
}

func TestAppendFull(t *testing.T) {
	w := NewWriter()
	w.Append(nil, &Message{4, 8, 1, 10, []byte("a")})
	w.Append(nil, &Message{4, 8, 1, 20, []byte("b")})
	// The two before were dropped.
	got := w.AppendFull(nil, &Message{4, 8, 1, 30, []byte("c")})
	got = w.Append(got, &Message{4, 8, 1, 40, []byte("d")})
	require.Equal(t, new(wire).t0(4, 30, 1, 8, 1).data([]byte("c")).t2(4, 10).data([]byte("d")).Bytes(), got)
}

func TestAppendExtendedTimestamps(t *testing.T) {
	p := pattern(300, 1)
	for _, time := range []uint32{0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFFF} {
		m := Message{6, 9, 1, time, p}
		want := new(wire).t0(6, time, 300, 9, 1).continued(6, time, p, true).Bytes()
		require.Equal(t, want, AppendType0(nil, &m, 128))
		require.Equal(t, want, NewWriter().Append(nil, &m))

		w := NewWriter()
		w.Append(nil, &Message{6, 9, 1, 0, p})
		want = new(wire).t2(6, time).continued(6, time, p, true).Bytes()
		require.Equal(t, want, w.Append(nil, &m), "delta")
	}
	// Two equal extended deltas: never a type 3.
	w := NewWriter()
	w.Append(nil, &Message{6, 9, 1, 0, nil})
	w.Append(nil, &Message{6, 9, 1, 0x1000000, nil})
	require.Equal(t, new(wire).t2(6, 0x1000000).Bytes(), w.Append(nil, &Message{6, 9, 1, 0x2000000, nil}))
}

func TestWireLen(t *testing.T) {
	for _, csid := range []uint32{2, 63, 64, 319, 320, 65599} {
		for _, time := range []uint32{0xFFFFFE, 0xFFFFFF} {
			for _, n := range []int{0, 1, 127, 128, 129, 256, 257} {
				m := Message{csid, 9, 1, time, make([]byte, n)}
				require.Len(t, AppendType0(nil, &m, 128), WireLen(n, time >= 0xFFFFFF, csid, 128), "%d %#x %d", csid, time, n)
			}
		}
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	dst := append(make([]byte, 0, 1000), "before"...)
	got := AppendType0(dst, &Message{4, 8, 1, 0, []byte("x")}, 128)
	require.Equal(t, "before", string(got[:6]))
	require.Same(t, &dst[0], &got[0], "capacity was enough")
}

func TestWriterRefusesWhatCannotBeEncoded(t *testing.T) {
	for _, csid := range []uint32{0, 1, 65600} {
		require.Panics(t, func() { NewWriter().Append(nil, &Message{ChunkStream: csid}) })
	}
	tooLong := make([]byte, 1<<24)
	require.Panics(t, func() { AppendType0(nil, &Message{ChunkStream: 2, Payload: tooLong}, 1<<24) })
	require.NotPanics(t, func() { AppendType0(nil, &Message{ChunkStream: 2, Payload: tooLong[1:]}, 1<<24) })
	for _, size := range []uint32{0, 1 << 31} {
		require.Panics(t, func() { NewWriter().SetChunkSize(size) })
	}
}

// What the Writer writes the Reader reads, whatever the sizes, times and cuts.
func TestWriterReaderDifferential(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			ids := []uint32{2, 3, 6, 63, 64, 319, 320, 65599}
			times := []uint32{0, 23, 40, 40, 40, 0xFFFFFE, 0xFFFFFF, 0x1000000}
			sizes := []int{0, 1, 127, 128, 129, 300, 5000}
			w := NewWriter()
			var stream []byte
			var want []Message
			now := random.Uint32() >> random.IntN(32)
			for range 60 {
				if random.IntN(6) == 0 {
					size := 1 + random.Uint32N(6000)>>random.IntN(10)
					m := Message{2, typeSetChunkSize, 0, 0, new(wire).be32(size).Bytes()}
					stream, want = w.Append(stream, &m), append(want, m)
					w.SetChunkSize(size)
				}
				now += times[random.IntN(len(times))]
				m := Message{ids[random.IntN(len(ids))], 8 + uint8(random.IntN(2)), random.Uint32N(2), now, pattern(sizes[random.IntN(len(sizes))], byte(seed))}
				if random.IntN(10) == 0 {
					stream = w.AppendFull(stream, &m)
				} else {
					stream = w.Append(stream, &m)
				}
				want = append(want, m)
			}
			var parts [][]byte
			for rest := stream; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(1+random.IntN(3000)))
				parts, rest = append(parts, rest[:n]), rest[n:]
			}
			got, err := read(t, ReaderConfig{}, parts...)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}
