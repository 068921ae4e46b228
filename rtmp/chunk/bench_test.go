package chunk

import (
	"fmt"
	"testing"
)

// sizes are an audio frame and a frame of 2.4 Mbit/s video, at the chunk sizes of a silent peer, of most servers
// and of OBS.
func benchSizes(b *testing.B, f func(b *testing.B, payload []byte, chunkSize int)) {
	for _, n := range []int{370, 10_000} {
		for _, chunkSize := range []int{128, 4096, 65536} {
			b.Run(fmt.Sprintf("message=%d/chunk=%d", n, chunkSize), func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				f(b, pattern(n, 1), chunkSize)
			})
		}
	}
}

// single is a Memory of one piece.
type single []byte

func (s single) Alloc(n int) []byte { return s[:n] }
func (s single) Free([]byte)        {}

func BenchmarkRead(b *testing.B) {
	benchSizes(b, func(b *testing.B, payload []byte, chunkSize int) {
		r := NewReader(ReaderConfig{Memory: single(make([]byte, 1<<20))})
		discard := func(*Message) error { return nil }
		if err := r.Feed(new(wire).setChunkSize(uint32(chunkSize)).Bytes(), discard); err != nil {
			b.Fatal(err)
		}
		wire := AppendType0(nil, &Message{6, 9, 1, 40, payload}, chunkSize)
		for b.Loop() {
			if err := r.Feed(wire, discard); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	benchSizes(b, func(b *testing.B, payload []byte, chunkSize int) {
		w := NewWriter()
		w.SetChunkSize(uint32(chunkSize))
		dst := make([]byte, 0, 2*len(payload)+100)
		m := Message{6, 9, 1, 0, payload}
		for b.Loop() {
			m.Timestamp += 40
			w.Append(dst, &m)
		}
	})
}

func BenchmarkAppendType0(b *testing.B) {
	benchSizes(b, func(b *testing.B, payload []byte, chunkSize int) {
		dst := make([]byte, 0, 2*len(payload)+100)
		m := Message{6, 9, 1, 40, payload}
		for b.Loop() {
			AppendType0(dst, &m, chunkSize)
		}
	})
}
