//go:build !race

package amf

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendDoesNotAllocate(t *testing.T) {
	for _, message := range [][]any{connectMessage(), metadataMessage()} {
		out := make([]byte, 0, 4096)
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = must(appendMessage(out, message)) }))
		require.Zero(t, testing.AllocsPerRun(100, func() {
			for _, v := range message {
				_ = must(Append3(out, v))
			}
		}))
	}
	out := make([]byte, 0, 64)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = AppendNull(AppendBool(AppendNumber(AppendString(out, "_result"), 1), true))
	}))
}

// All strings share one copy of the input. What remains is a box for each number and each string (interfaces hold pointers),
// the objects, and their lists.
func TestDecodeAllocatesLittle(t *testing.T) {
	f := func(message []any, most float64) {
		t.Helper()
		b := must(appendMessage(nil, message))
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = DecodeAll(b, Limits{}) }), most)
	}
	f(connectMessage(), 28)
	f(metadataMessage(), 24)
}
