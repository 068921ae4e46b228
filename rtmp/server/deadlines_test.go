package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/handshake"
)

// A client that takes its time at every stage stays; one that takes a moment longer at any does not.
func TestEachStageHasItsDeadline(t *testing.T) {
	s := &Server{config: Config{
		HandshakeTimeout: time.Second, ConnectTimeout: 2 * time.Second, FirstRequestTimeout: 3 * time.Second, IdleTimeout: 4 * time.Second,
	}}
	since := time.Now()
	for _, stage := range []struct {
		conn    *conn
		timeout time.Duration
		err     error
	}{
		{&conn{handshake: handshake.NewServer(handshake.Config{})}, time.Second, errNoHandshake},
		{&conn{}, 2 * time.Second, errNoConnect},
		{&conn{accepted: true}, 3 * time.Second, errNoRequest},
		{&conn{accepted: true, stopped: true}, 4 * time.Second, errIdle},
	} {
		c := stage.conn
		c.server, c.since = s, since
		require.NoError(t, c.overdue(since.Add(stage.timeout)), "at the limit of %v", stage.err)
		require.Equal(t, stage.err, c.overdue(since.Add(stage.timeout+1)), "one above")
	}
}
