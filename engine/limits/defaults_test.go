package limits

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	docstest.RequireDefault(t, "refusal_lines_per_second_max", linesPerSecond)
}
