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
	f("/workflows?", "/workflows?")
	f("/workflows?key=abc", "/workflows?key=…")
	f("/w?a=1&b=2&c", "/w?a=…&b=…&…")
	f("/w?a=b=c?d=e", "/w?a=…")
	f("/w?a=&&x", "/w?a=…&&…")
	f("http://me:pass@host/w?a=b", "http://…@host/w?a=…")
	f("http://a@b@host/w", "http://…@host/w")
	f("http://host/a@b", "http://host/a@b")
	f("http://me@host", "http://…@host")
	f("", "")
}
