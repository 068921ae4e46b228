package server

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	c := Config{}.withDefaults()
	docstest.RequireDefault(t, "handshake_timeout", c.HandshakeTimeout)
	docstest.RequireDefault(t, "connect_timeout", c.ConnectTimeout)
	docstest.RequireDefault(t, "first_request_timeout", c.FirstRequestTimeout)
	docstest.RequireDefault(t, "approval_timeout", c.ApprovalTimeout)
	docstest.RequireDefault(t, "idle_timeout", c.IdleTimeout)
	docstest.RequireDefault(t, "publish_timeout", c.PublishTimeout)
	docstest.RequireDefault(t, "return_timeout", c.ReturnTimeout)
	docstest.RequireDefault(t, "viewer_timeout", c.ViewerTimeout)
	docstest.RequireDefault(t, "unaccepted_kb_max", c.UnacceptedBytesMax>>10)
	docstest.RequireDefault(t, "commands_per_second_max", c.CommandsPerSecondMax)
}
