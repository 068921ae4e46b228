package chunk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// wire builds conversations header by header, independently of the Writer under test.
type wire struct{ bytes.Buffer }

func (w *wire) basic(chunkType uint8, csid uint32) *wire {
	switch {
	case csid < 64:
		w.Write([]byte{chunkType<<6 | byte(csid)})
	case csid < 320:
		w.Write([]byte{chunkType << 6, byte(csid - 64)})
	default:
		w.Write([]byte{chunkType<<6 | 1, byte((csid - 64) % 256), byte((csid - 64) / 256)})
	}
	return w
}

func (w *wire) be24(v uint32) *wire {
	w.Write([]byte{byte(v >> 16), byte(v >> 8), byte(v)})
	return w
}

func (w *wire) be32(v uint32) *wire {
	w.Write(binary.BigEndian.AppendUint32(nil, v))
	return w
}

func (w *wire) t0(csid, time uint32, length int, msgType uint8, streamID uint32) *wire {
	w.basic(0, csid).be24(min(time, 0xFFFFFF)).be24(uint32(length))
	w.Write([]byte{msgType})
	w.Write(binary.LittleEndian.AppendUint32(nil, streamID))
	return w.extended(time)
}

func (w *wire) t1(csid, delta uint32, length int, msgType uint8) *wire {
	w.basic(1, csid).be24(min(delta, 0xFFFFFF)).be24(uint32(length))
	w.Write([]byte{msgType})
	return w.extended(delta)
}

func (w *wire) t2(csid, delta uint32) *wire {
	return w.basic(2, csid).be24(min(delta, 0xFFFFFF)).extended(delta)
}

func (w *wire) t3(csid uint32) *wire { return w.basic(3, csid) }

func (w *wire) extended(v uint32) *wire {
	if v >= 0xFFFFFF {
		w.be32(v)
	}
	return w
}

func (w *wire) data(p []byte) *wire {
	w.Write(p)
	return w
}

// setChunkSize and abort are whole control messages.
func (w *wire) setChunkSize(n uint32) *wire { return w.t0(2, 0, 4, 1, 0).be32(n) }
func (w *wire) abort(csid uint32) *wire     { return w.t0(2, 0, 4, 2, 0).be32(csid) }

// pattern returns n bytes that differ from each other's neighbours and between seeds.
func pattern(n int, seed byte) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7) ^ byte(i>>8) ^ seed
	}
	return p
}

// ledger is a Memory that knows what is out and fills fresh memory with garbage.
type ledger struct {
	t    testing.TB
	out  map[*byte]int // base → length
	held int
	peak int
}

func newLedger(t testing.TB) *ledger { return &ledger{t: t, out: make(map[*byte]int)} }

func (l *ledger) Alloc(n int) []byte {
	p := bytes.Repeat([]byte{0xDB}, n+1)[:n]
	l.out[base(p)] = n
	l.held += n
	l.peak = max(l.peak, l.held)
	return p
}

func (l *ledger) Free(p []byte) {
	n, ok := l.out[base(p)]
	require.True(l.t, ok, "freed memory that is not out")
	require.Equal(l.t, n+1, cap(p), "capacity changed")
	delete(l.out, base(p))
	l.held -= n
}

func base(p []byte) *byte { return &p[:1][0] }

// read feeds the segments to a fresh Reader, closes it, and proves that no memory leaked.
func read(t testing.TB, c ReaderConfig, segments ...[]byte) ([]Message, error) {
	t.Helper()
	l := newLedger(t)
	c.Memory = l
	r := NewReader(c)
	var got []Message
	keep := func(m *Message) error {
		kept := *m
		kept.Payload = bytes.Clone(m.Payload)
		if kept.Payload == nil {
			kept.Payload = []byte{}
		}
		l.Free(m.Payload)
		got = append(got, kept)
		return nil
	}
	fed := uint64(0)
	var err error
	for _, s := range segments {
		if err = r.Feed(bytes.Clone(s), keep); err != nil {
			break
		}
		fed += uint64(len(s))
		require.Equal(t, fed, r.BytesRead())
	}
	r.Close()
	require.Empty(t, l.out, "payload memory leaked")
	return got, err
}

// everyCut reads w cut in two at each place, and byte by byte, and wants the same messages each time.
func everyCut(t *testing.T, c ReaderConfig, w *wire, want ...Message) {
	t.Helper()
	b := w.Bytes()
	for cut := range len(b) + 1 {
		got, err := read(t, c, b[:cut], b[cut:])
		require.NoError(t, err, "cut at %d", cut)
		require.Equal(t, want, got, "cut at %d", cut)
	}
	got, err := read(t, c, split(b, 1)...)
	require.NoError(t, err)
	require.Equal(t, want, got, "byte by byte")
}

// everyCutFails wants the same error at each cut, at the offset given.
func everyCutFails(t *testing.T, c ReaderConfig, w *wire, want error, csid uint32, offset int) {
	t.Helper()
	b := w.Bytes()
	for cut := range len(b) + 1 {
		_, err := read(t, c, b[:cut], b[cut:])
		require.ErrorIs(t, err, want, "cut at %d", cut)
		var e *Error
		require.True(t, errors.As(err, &e))
		require.Equal(t, csid, e.ChunkStream, "cut at %d", cut)
		require.Equal(t, uint64(offset), e.Offset, "cut at %d", cut)
	}
}

func split(b []byte, size int) (parts [][]byte) {
	for len(b) > 0 {
		n := min(size, len(b))
		parts, b = append(parts, b[:n]), b[n:]
	}
	return parts
}
