package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/session"
)

func playStarted(streamID, key string) []string {
	return []string{
		"< " + streamID + " onStatus 0 null " + status("status", "NetStream.Play.Reset", "Playing and resetting "+key+"."),
		"< stream begin " + streamID,
		"< " + streamID + " onStatus 0 null " + status("status", "NetStream.Play.Start", "Started playing "+key+"."),
		"< " + streamID + " data |RtmpSampleAccess true true",
	}
}

func TestPlayTakesAnyArguments(t *testing.T) {
	for name, c := range map[string]struct {
		arguments []any
		want      session.Play
	}{
		"key alone":           {nil, session.Play{Start: -2, Duration: -1, Reset: true}},
		"live or recorded":    {[]any{-2.0}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"live":                {[]any{-1.0}, session.Play{Start: -1, Duration: -1, Reset: true}},
		"live, milliseconds":  {[]any{-1000.0}, session.Play{Start: -1, Duration: -1, Reset: true}},
		"ffmpeg":              {[]any{-2000.0}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"recorded":            {[]any{0.0, 30.0}, session.Play{Start: 0, Duration: 30, Reset: true}},
		"AMF3 integers":       {[]any{int32(10), int32(5), int32(0)}, session.Play{Start: 10, Duration: 5}},
		"no reset":            {[]any{-2.0, -1.0, false}, session.Play{Start: -2, Duration: -1}},
		"reset":               {[]any{-2.0, -1.0, true}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"reset 0":             {[]any{-2.0, -1.0, 0.0}, session.Play{Start: -2, Duration: -1}},
		"reset 1":             {[]any{-2.0, -1.0, 1.0}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"reset 2":             {[]any{-2.0, -1.0, 2.0}, session.Play{Start: -2, Duration: -1}},
		"reset 3":             {[]any{-2.0, -1.0, 3.0}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"wrong types":         {[]any{"live", object(), "yes"}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"null":                {[]any{nil, nil, nil}, session.Play{Start: -2, Duration: -1, Reset: true}},
		"more than there are": {[]any{-1.0, -1.0, true, "x", 5.0}, session.Play{Start: -1, Duration: -1, Reset: true}},
	} {
		s := connected(t)
		var got session.Play
		s.onPlay = func(p session.Play) { got, s.lines = p, nil }
		s.call(1, "play", 4, append([]any{nil, "cam?a=1"}, c.arguments...)...)
		c.want.Request, c.want.StreamID, c.want.Key, c.want.Query = 1, 1, "cam", "a=1"
		require.Equal(t, c.want, got, name)

		require.Empty(t, s.lines)
		require.True(t, s.AcceptPlay(got.Request))
		wantLines := playStarted("1", "cam")
		if !got.Reset {
			wantLines = wantLines[1:]
		}
		s.want(wantLines...)
	}
}

func TestPlayWithoutAKey(t *testing.T) {
	for name, values := range map[string][]any{
		"nothing": nil, "no object": {nil}, "number": {nil, 5.0}, "bool": {nil, false}, "empty": {nil, ""}, "query only": {nil, "?a"},
	} {
		s := connected(t)
		s.call(1, "play", 4, values...)
		s.want("< 1 onStatus 0 null " + status("error", "NetStream.Play.StreamNotFound", "play needs a stream key"))
		require.False(t, s.Closing(), name)
	}
}

func TestPlayRejected(t *testing.T) {
	s := connected(t)
	s.onPlay = func(p session.Play) {
		require.True(t, s.RejectPlay(p.Request, session.CodePlayStreamNotFound, "no such stream"))
		require.False(t, s.AcceptPlay(p.Request))
	}
	s.call(1, "play", 4, nil, "cam")
	s.want("! play 1 key=cam query= start=-2 duration=-1 reset=true",
		"< 1 onStatus 0 null "+status("error", "NetStream.Play.StreamNotFound", "no such stream"))
	require.True(t, s.Closing())
	s.Close()
	s.want()
}

// Bare players send play at once, without createStream (BasisVR#877).
func TestPlayBeforeCreateStream(t *testing.T) {
	for _, streamID := range []uint32{0, 1} {
		s := connected(t)
		s.call(streamID, "play", 0, nil, "cam")
		s.want(append([]string{"! play 1 key=cam query= start=-2 duration=-1 reset=true"}, playStarted("1", "cam")...)...)
		s.call(streamID, "closeStream", 0, nil)
		s.want("! stop 1 closeStream")
	}
}

func TestPlayOnAnyStream(t *testing.T) {
	s := connected(t)
	s.call(5, "play", 0, nil, "cam")
	s.want(append([]string{"! play 5 key=cam query= start=-2 duration=-1 reset=true"}, playStarted("5", "cam")...)...)
	s.call(0, "deleteStream", 0, nil, 5.0)
	s.want("! stop 5 deleteStream")
}

func TestPublisherLeavesAndReturns(t *testing.T) {
	s := connected(t)
	require.False(t, s.NotifyPublish(), "does not play")
	s.onPlay = func(session.Play) {}
	s.call(1, "play", 4, nil, "cam")
	require.False(t, s.NotifyUnpublish(), "does not play yet")
	require.True(t, s.AcceptPlay(1))
	s.drain()
	s.lines = nil
	require.True(t, s.NotifyUnpublish())
	require.True(t, s.NotifyPublish())
	s.want("< 1 onStatus 0 null "+status("status", "NetStream.Play.UnpublishNotify", "cam is now unpublished."),
		"< 1 onStatus 0 null "+status("status", "NetStream.Play.PublishNotify", "cam is now published."))
	s.Close()
	require.False(t, s.NotifyPublish())
	s.want("! stop 1 connection closed")
}

func TestPauseAndSeekAreAnswered(t *testing.T) {
	s := connected(t)
	s.call(1, "play", 4, nil, "cam")
	s.drain()
	s.lines = nil
	s.call(1, "pause", 0, nil, true, 1000.0)
	s.call(1, "pause", 0, nil, false, 1000.0)
	s.call(0, "pauseRaw", 0, nil)
	s.call(1, "seek", 0, nil, 5000.0)
	s.want("< 1 onStatus 0 null "+status("status", "NetStream.Pause.Notify", "Paused."),
		"< 1 onStatus 0 null "+status("status", "NetStream.Unpause.Notify", "Unpaused."),
		"< 1 onStatus 0 null "+status("status", "NetStream.Pause.Notify", "Paused."),
		"< 1 onStatus 0 null "+status("status", "NetStream.Seek.Notify", "A live stream stays at its live position."))
	for _, name := range []string{"pause", "seek"} {
		s.call(1, name, 0, nil)
		require.Less(t, len(s.Output()), 256, "a short command has a short answer")
		s.drain()
		s.lines = nil
	}
	s.call(1, "receiveAudio", 0, nil, false)
	s.call(1, "receiveVideo", 7, nil, false)
	s.want("< 0 _result 7 null")
}
