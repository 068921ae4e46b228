//go:build !race

package workflow

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNothingIsAllocatedPerBatch(t *testing.T) {
	noLeaks(t)
	for _, size := range []int{1, 8, batchMax + 1} {
		r := newTameRunner(t, "pass name=in\npass name=a\npass name=b")
		batch := hopBatch(size)
		require.Zero(t, testing.AllocsPerRun(1000, func() { r.hop(batch) }), "batches of %d", size)
		releaseAll(batch)
	}
}

func TestNothingIsAllocatedForMediaFromOutside(t *testing.T) {
	noLeaks(t)
	r := newTameRunner(t, "pass name=a\npass name=b")
	batch := hopBatch(8)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		for i := range batch {
			batch[i].Retain()
		}
		r.Deliver(batch)
		r.turn()
	}))
	releaseAll(batch)
}
