package server

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	c := Config{}.withDefaults()
	docstest.RequireDefault(t, "handshake_timeout", c.RequestTimeout)
	docstest.RequireDefault(t, "http_header_kb_max", c.RequestBytesMax>>10)
	docstest.RequireDefault(t, "approval_timeout", c.ApprovalTimeout)
	docstest.RequireDefault(t, "return_timeout", c.ReturnTimeout)
	docstest.RequireDefault(t, "viewer_timeout", c.ViewerTimeout)
	docstest.RequireDefault(t, "unaccepted_kb_max", c.ViewerBytesMax>>10)
}
