//go:build !race

package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsReusedWithoutAllocation(t *testing.T) {
	for _, n := range []int{1, 512, 513, 10_000, 1 << 20} {
		require.Zero(t, testing.AllocsPerRun(100, func() { Free(Alloc(n)) }), "%d bytes", n)
	}
}

func TestBuffersAreReusedWithoutAllocation(t *testing.T) {
	payload := make([]byte, 9000)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		b := CopyBuffer(payload)
		b.Retain()
		b.Release()
		b.Release()
	}))
}

func TestAttributeLookupDoesNotAllocate(t *testing.T) {
	k := key(t, U8)
	a, err := NewAttributes(Attribute{k, Uint(U8, 1)})
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if v, ok := a.Get(k); !ok || v.Uint() != 1 {
			panic("not found")
		}
	}))
}
