//go:build !race

package chunk

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// recycler is a Memory that hands the last piece out again.
type recycler struct{ free [][]byte }

func (r *recycler) Alloc(n int) []byte {
	if k := len(r.free); k > 0 && cap(r.free[k-1]) >= n {
		p := r.free[k-1]
		r.free = r.free[:k-1]
		return p[:n]
	}
	return make([]byte, n, max(n, 1<<20))
}

func (r *recycler) Free(p []byte) { r.free = append(r.free, p) }

func TestReaderDoesNotAllocate(t *testing.T) {
	video, audio := pattern(10_000, 1), pattern(370, 2)
	for _, time := range []uint32{5, 0x1000000} {
		w := new(wire)
		w.t0(6, time, len(video), 9, 1).continued(6, time, video, true)
		w.t0(70, time, len(audio), 8, 1).continued(70, time, audio, true)
		w.t2(6, 40).continued(6, 40, video, true)
		memory := new(recycler)
		r := NewReader(ReaderConfig{Memory: memory})
		messages := 0
		emit := func(m *Message) error {
			messages++
			memory.Free(m.Payload)
			return nil
		}
		feed := func() {
			for rest := w.Bytes(); len(rest) > 0; {
				n := min(1001, len(rest)) // cuts headers as well
				if err := r.Feed(rest[:n], emit); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
		}
		require.Zero(t, testing.AllocsPerRun(100, feed))
		require.Equal(t, 3*101, messages)
	}
}

func TestWriterDoesNotAllocate(t *testing.T) {
	m := Message{6, 9, 1, 0, pattern(10_000, 1)}
	dst := make([]byte, 0, 20_000)
	w := NewWriter()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m.Timestamp += 40
		w.Append(dst, &m)
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() { w.AppendFull(dst, &m) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { AppendType0(dst, &m, 128) }))
}
