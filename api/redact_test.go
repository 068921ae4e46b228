package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedactTarget(t *testing.T) {
	f := func(target, want string) {
		t.Helper()
		require.Equal(t, want, redactTarget(target))
	}
	f("/workflows", "/workflows")
	f("/workflows?", "/workflows")
	f("/workflows?key=abc&b", "/workflows?…")
	f("/w?next=http://me:pass@host", "/w?…")
	f("http://me:pass@host/w?a=b", "http://…@host/w?…")
	f("http://a@b@host/w", "http://…@host/w")
	f("http://me@host", "http://…@host")
	f("", "")
}
