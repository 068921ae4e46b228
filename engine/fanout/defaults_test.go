package fanout

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	c := Config{}.withDefaults()
	docstest.RequireDefault(t, "viewer_lag", c.Lag)
	docstest.RequireDefault(t, "viewer_lag_mb", c.LagBytes>>20)
	docstest.RequireDefault(t, "flush_max", c.FlushMax)
	docstest.RequireDefault(t, "audio_delay", c.AudioDelay)
}
