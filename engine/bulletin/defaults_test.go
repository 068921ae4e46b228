package bulletin

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	docstest.RequireDefault(t, "event_streams_max", Config{}.withDefaults().ReadersMax)
}
