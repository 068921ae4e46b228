package main

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unheard is a connector for viewers of a server that lets nobody in, and their loop.
func unheard(t *testing.T) (*connector, *loop) {
	t.Helper()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	o, err := parseOptions([]string{"-mode", "play", "-viewers", "3", "-target", "rtmp://" + silent.Addr().String() + "/live"}, nil)
	require.NoError(t, err)
	l, err := newLoop(o)
	require.NoError(t, err)
	t.Cleanup(l.stop)
	return newConnector(o), l
}

// TestServerThatIsTooFull does not wait for a server that lets nobody in.
func TestServerThatIsTooFull(t *testing.T) {
	c, l := unheard(t)
	c.options.within = time.Millisecond
	require.ErrorIs(t, c.connectWithin(t.Context(), l), errTooFull)
}

// TestClientThatWaitsInVain: a client may give up before the time is over in which all have to be connected.
func TestClientThatWaitsInVain(t *testing.T) {
	c, l := unheard(t)
	impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	c.options.within = time.Hour
	require.ErrorIs(t, c.connectWithin(impatient, l), errTooFull)
	c.options.within = 0
	err := c.connectWithin(impatient, l)
	require.Error(t, err)
	require.NotErrorIs(t, err, errTooFull)
}
