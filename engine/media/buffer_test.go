package media

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAllocHasTheSizeOfTheSmallestClass(t *testing.T) {
	f := func(n, wantCap int) {
		t.Helper()
		p := Alloc(n)
		require.Len(t, p, n)
		require.Equal(t, wantCap, cap(p), "Alloc(%d)", n)
		Free(p)
	}
	f(0, 512)
	f(1, 512)
	f(511, 512)
	for size := 512; size < 1<<20; size *= 2 {
		f(size, size)
		f(size+1, 2*size)
	}
	f(1<<20, 1<<20)
	f(1<<20+1, 1<<20+1) // left to the garbage collector
	f(16<<20, 16<<20)
}

func TestInUseCountsPiecesOfEverySize(t *testing.T) {
	before := InUse()
	var pieces [][]byte
	for _, n := range []int{0, 512, 513, 1 << 20, 1<<20 + 1} {
		pieces = append(pieces, Memory{}.Alloc(n))
	}
	require.Equal(t, before+5, InUse())
	for _, p := range pieces {
		Memory{}.Free(p)
	}
	require.Equal(t, before, InUse())
}

func TestFreedMemoryIsNotMixedUpBetweenClasses(t *testing.T) {
	sizes := []int{100, 600, 5000, 100_000}
	for range 100 {
		var all [][]byte
		for i, n := range sizes {
			p := Alloc(n)
			require.Len(t, p, n)
			whole := p[:cap(p)] // the race detector's pointer checks see it if this reaches beyond the allocation
			for k := range whole {
				whole[k] = byte(i)
			}
			all = append(all, whole)
		}
		for i, whole := range all {
			require.Equal(t, len(whole), bytes.Count(whole, []byte{byte(i)}), "nobody else has written there")
			Free(whole[:sizes[i]])
		}
	}
}

func TestFreeOfForeignMemoryDoesNotPoisonAPool(t *testing.T) {
	before := InUse()
	p := Alloc(600)
	Free(p[88:]) // against the rules: the capacity is no class any more
	require.Equal(t, before, InUse())
	q := Alloc(1000)
	require.Equal(t, 1024, cap(q))
	Free(q)
}

func TestBufferLivesUntilTheLastRelease(t *testing.T) {
	before := InUse()
	b := CopyBuffer([]byte("payload"))
	require.Equal(t, before+1, InUse())
	b.Retain()
	b.Retain()
	b.Release()
	b.Release()
	require.Equal(t, "payload", string(b.Bytes()))
	require.Equal(t, before+1, InUse())
	b.Release()
	require.Equal(t, before, InUse())
}

func TestCopyBufferCopies(t *testing.T) {
	p := []byte("before")
	b := CopyBuffer(p)
	defer b.Release()
	copy(p, "behind")
	require.Equal(t, "before", string(b.Bytes()))
}

func TestEmptyBuffer(t *testing.T) {
	before := InUse()
	b := CopyBuffer(nil)
	require.Empty(t, b.Bytes())
	b.Release()
	require.Equal(t, before, InUse())
}

// released returns a buffer as it is after its last release, without the pool, which would hand it to others.
func released() *Buffer { return new(Buffer) }

func TestReleaseTwicePanics(t *testing.T) {
	require.PanicsWithValue(t, "BUG: media buffer released twice", func() { released().Release() })
}

func TestRetainAfterReleasePanics(t *testing.T) {
	require.PanicsWithValue(t, "BUG: media buffer retained after its release", func() { released().Retain() })
}

func TestReleasedBufferLooksReleased(t *testing.T) {
	b := CopyBuffer([]byte("x"))
	b.Release()
	// Nothing else of this package runs now, so b is in the pool or forgotten.
	require.Zero(t, b.holders.Load())
	require.Nil(t, b.Bytes())
}

func TestBufferCountsFromManyGoroutines(t *testing.T) {
	before := InUse()
	content := bytes.Repeat([]byte("abc"), 500)
	b := CopyBuffer(content)
	var holders sync.WaitGroup
	for range 8 {
		b.Retain()
		holders.Go(func() {
			for range 1000 {
				b.Retain()
				if b.Bytes()[1499] != 'c' {
					panic("content changed")
				}
				b.Release()
			}
			b.Release()
		})
	}
	b.Release()
	holders.Wait()
	require.Equal(t, before, InUse())
}
