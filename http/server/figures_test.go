package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/http/server"
)

// TestPathsLeadToTheirStreams, whatever these are called.
func TestPathsLeadToTheirStreams(t *testing.T) {
	h := newHarness(t, server.Config{})
	s := h.show(nil)
	for _, key := range []string{"cam", "camera one", "a?b#c", "50%20", "ü"} {
		s.feed(key)
		var paths []string
		for _, o := range h.server.Outputs(nil) {
			if o.Key == key {
				paths = o.Paths
			}
		}
		require.Len(t, paths, 2, key)
		answer, err := http.Head("http://" + s.address + paths[0])
		require.NoError(t, err, key)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode, paths[0])
	}
}
