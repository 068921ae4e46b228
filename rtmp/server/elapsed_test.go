package server

import (
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// wallSet is a moment as a machine reads it whose wall clock has been set forward by some seconds, while its monotonic
// clock went on. No method of time.Time makes one; the seconds of the wall clock begin at bit 30 of its first field.
func wallSet(t time.Time, seconds int64) time.Time {
	*(*uint64)(unsafe.Pointer(&t)) += uint64(seconds) << 30
	return t
}

func TestElapsedIgnoresTheWallClock(t *testing.T) {
	now := time.Now()
	for _, hours := range []int64{1, -1} {
		set := wallSet(now, hours*3600)
		require.Equal(t, time.Duration(hours)*time.Hour, time.Duration(set.UnixNano()-now.UnixNano()), "what the test is about")
		require.Equal(t, elapsed(now), elapsed(set))
	}
	require.Equal(t, elapsed(now)+int64(time.Second), elapsed(now.Add(time.Second)))
}
