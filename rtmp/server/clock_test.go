package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClockUnwraps(t *testing.T) {
	var c clock
	for _, step := range []struct {
		timestamp uint32
		want      int64
	}{
		{0xFFFFFFF0, 0xFFFFFFF0},
		{0xFFFFFFFF, 0xFFFFFFFF},
		{5, 1<<32 + 5},
		{0xFFFFFFFA, 0xFFFFFFFA}, // audio that lags behind video across the wrap
		{20, 1<<32 + 20},
		{10, 1<<32 + 10}, // a jump back is carried, not repaired
		{0x7FFFFFFF, 1<<32 + 0x7FFFFFFF},
		{0xFFFFFFFE, 1<<32 + 0xFFFFFFFE},
		{1, 2<<32 + 1},
	} {
		require.Equal(t, step.want, c.unwrap(step.timestamp), "timestamp %#x", step.timestamp)
	}
}
