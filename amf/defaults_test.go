package amf

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	docstest.RequireDefault(t, "amf_depth_max", DefaultLimits.Depth)
	docstest.RequireDefault(t, "amf_values_max", DefaultLimits.Nodes)
	docstest.RequireDefault(t, "amf_kb_max", DefaultLimits.Bytes>>10)
}
