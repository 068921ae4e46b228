package fuzz

import (
	"runtime"
	"testing"
)

// budget bounds what taking in an input may allocate: so many bytes for each of its bytes, and some for whatever is needed
// in any case. All that is allocated counts, not what is held at a time.
type budget struct {
	perByte, fixed int
}

// require runs f, which takes in an input of n bytes, and holds what it allocates against the budget.
func (b budget) require(t testing.TB, n int, f func()) {
	t.Helper()
	if used, allowed := allocated(f), uint64(b.fixed+n*b.perByte); used > allowed {
		t.Fatalf("%d bytes of input made it allocate %d bytes, at most %d are allowed", n, used, allowed)
	}
}

// allocated is how many bytes f allocates. Nothing else may run at the same time.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
