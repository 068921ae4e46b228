// Package budget holds what code under test allocates against a bound that grows with its input.
package budget

import (
	"runtime"
	"testing"
)

// Budget bounds what taking in an input may allocate: so many bytes for each of its bytes, and some for whatever is needed in
// any case. All that is allocated counts, not what is held at a time.
type Budget struct {
	PerByte, Fixed int
}

// Require runs f, which takes in an input of n bytes, and fails the test when f allocates more than the budget. Nothing else
// may run at the same time.
func (b Budget) Require(t testing.TB, n int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if used, allowed := after.TotalAlloc-before.TotalAlloc, uint64(b.Fixed+n*b.PerByte); used > allowed {
		t.Fatalf("%d bytes of input made it allocate %d bytes, at most %d are allowed", n, used, allowed)
	}
}
