package chunk

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	l := Limits{}.WithDefaults()
	docstest.RequireDefault(t, "message_kb_max", l.MessageBytesMax>>10)
	docstest.RequireDefault(t, "chunk_streams_max", l.ChunkStreamsMax)
}
