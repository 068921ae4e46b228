package main

import (
	"context"
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
	require.ErrorIs(t, newConnector(o).connectWithin(t.Context(), l), errTooFull)
}

// TestClientThatWaitsInVain: a client may give up before the time is over in which all have to be connected.
func TestClientThatWaitsInVain(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	o, err := parseOptions([]string{"-mode", "play", "-viewers", "1", "-target", "rtmp://" + silent.Addr().String() + "/live"}, nil)
	require.NoError(t, err)
	l, err := newLoop(o)
	require.NoError(t, err)
	defer l.stop()
	impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	o.within = time.Hour
	require.ErrorIs(t, newConnector(o).connectWithin(impatient, l), errTooFull)
	o.within = 0
	err = newConnector(o).connectWithin(impatient, l)
	require.Error(t, err)
	require.NotErrorIs(t, err, errTooFull)
}
