package access

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		a, b           string
		takes, overlap bool
	}{
		{"cam", "cam", true, true},
		{"cam", "Cam", false, false},
		{"cam", "cam2", false, false},
		{AnyKey, "cam", true, true},
		{AnyKey, AnyKey, true, true},
		{"cam", AnyKey, false, true},
	} {
		require.Equal(t, c.takes, Takes(c.a, c.b), "%s takes %s", c.a, c.b)
		require.Equal(t, c.overlap, Overlap(c.a, c.b), "%s and %s", c.a, c.b)
	}
}
