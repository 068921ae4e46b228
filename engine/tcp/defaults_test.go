package tcp

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	c := Config{}.withDefaults()
	docstest.RequireDefault(t, "connections_max", c.ConnectionsMax)
	docstest.RequireDefault(t, "unread_kb_max", c.PendingBytesMax>>10)
	docstest.RequireDefault(t, "tls_handshake_timeout", c.TLSHandshakeTimeout)
}
