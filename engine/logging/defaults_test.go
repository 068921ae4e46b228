package logging

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	var r Rotation
	r.setDefaults()
	docstest.RequireDefault(t, "log_files", r.FilesMax)
	docstest.RequireDefault(t, "log_mb_max", r.BytesMax>>20)
}
