package ffmpeg

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBackoff(t *testing.T) {
	b := backoff{min: time.Second, max: 30 * time.Second, reset: time.Minute}
	f := func(ran, want time.Duration) {
		t.Helper()
		require.Equal(t, want, b.next(ran))
	}
	f(0, time.Second)
	f(0, 2*time.Second)
	f(0, 4*time.Second)
	f(59*time.Second, 8*time.Second)
	f(0, 16*time.Second)
	f(0, 30*time.Second)
	f(0, 30*time.Second)
	f(time.Minute, time.Second)
	f(0, 2*time.Second)
	f(time.Hour, time.Second)
}
