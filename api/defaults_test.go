package api

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	l := Limits{}.withDefaults()
	docstest.RequireDefault(t, "http_connections_max", l.ConnectionsMax)
	docstest.RequireDefault(t, "http_header_kb_max", l.HeaderBytesMax>>10)
	docstest.RequireDefault(t, "http_body_kb_max", l.BodyBytesMax>>10)
	docstest.RequireDefault(t, "http_read_timeout", l.ReadTimeout)
}
