package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/session"
)

// The server ends what a client does, for example because its registration is withdrawn.
func TestEnd(t *testing.T) {
	wait := func(s *testServer) {
		s.onPublish, s.onPlay = func(session.Publish) {}, func(session.Play) {}
	}
	for name, c := range map[string]struct {
		begin func(s *testServer)
		want  []string
	}{
		"nothing": {func(s *testServer) {}, []string{"< 0 onStatus 0 null " + status("error", "NetConnection.Connect.Closed", "over")}},
		"a publish": {func(s *testServer) { s.call(1, "publish", 2, nil, "cam") }, []string{
			"< 1 onStatus 0 null " + status("error", "NetStream.Publish.Failed", "over"), "! stop 1 ended by the server"}},
		"a publish that waits": {func(s *testServer) {
			wait(s)
			s.call(1, "publish", 2, nil, "cam")
			s.send(1, 0, video(5))
		}, []string{"< 1 onStatus 0 null " + status("error", "NetStream.Publish.Failed", "over"), "! stop 1 ended by the server"}},
		"a play": {func(s *testServer) { s.call(1, "play", 2, nil, "cam") }, []string{
			"< 1 onStatus 0 null " + status("status", "NetStream.Play.Stop", "over"), "< stream eof 1", "! stop 1 ended by the server"}},
		"a play that waits": {func(s *testServer) {
			wait(s)
			s.call(1, "play", 2, nil, "cam")
		}, []string{"< 1 onStatus 0 null " + status("error", "NetStream.Play.Failed", "over"), "! stop 1 ended by the server"}},
	} {
		s := connected(t)
		c.begin(s)
		s.drain()
		s.lines = nil
		s.End("over")
		s.want(c.want...)
		require.True(t, s.Closing(), name)
		require.Empty(t, s.memory.out, name)

		s.End("again")
		s.call(1, "publish", 3, nil, "cam")
		s.send(1, 0, video(5))
		s.Close()
		s.want()
	}
}

// A player may be ended for what it cannot do; nobody else is meant.
func TestFailPlay(t *testing.T) {
	s := connected(t)
	s.call(1, "play", 2, nil, "cam")
	s.drain()
	s.lines = nil
	require.True(t, s.FailPlay("no decoder"))
	s.want("< 1 onStatus 0 null "+status("error", "NetStream.Play.Failed", "no decoder"), "! stop 1 ended by the server")
	require.True(t, s.Closing())
	require.False(t, s.FailPlay("again"))

	idle := connected(t)
	idle.lines = nil
	require.False(t, idle.FailPlay("nothing is played"))
	require.False(t, idle.Closing())
	idle.want()
}

func TestStopReasonsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for r := session.StopDeleteStream; r <= session.StopEnded; r++ {
		require.False(t, seen[r.String()], r.String())
		seen[r.String()] = true
	}
}
