package main

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestServerThatIsTooFull does not wait for a server that lets nobody in.
func TestServerThatIsTooFull(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	o, err := parseOptions([]string{"-mode", "play", "-viewers", "3", "-target", "rtmp://" + silent.Addr().String() + "/live"}, nil)
	require.NoError(t, err)
	o.within = time.Millisecond
	l, err := newLoop(o)
	require.NoError(t, err)
	defer l.stop()
	require.ErrorIs(t, newConnector(o).connectAll(t.Context(), l), errTooFull)
}
