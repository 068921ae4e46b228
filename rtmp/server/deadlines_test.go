package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/limits"
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

func TestApprovalHasItsDeadline(t *testing.T) {
	var counters limits.Counters
	asked := time.Now()
	c := &conn{server: &Server{config: Config{ApprovalTimeout: time.Second, Limits: &counters}}}
	silent := func(access.Applicant, func(bool, string)) func() { return func() {} }
	c.approval = &approval{Approval: access.Ask(silent, access.Applicant{}, asked, nil)}
	c.tickApproval(asked.Add(time.Second))
	require.Zero(t, counters.Count(limits.ApprovalTimeout), "at the limit")
	require.Equal(t, access.Granted, c.approval.Take(true))
	c.tickApproval(asked.Add(time.Hour))
	require.Zero(t, counters.Count(limits.ApprovalTimeout), "whoever was let in stays")
}
