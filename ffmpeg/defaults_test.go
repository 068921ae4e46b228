package ffmpeg

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	docstest.RequireDefault(t, "ffmpeg_log_files", Config{}.withDefaults().LogFilesKept)
}
