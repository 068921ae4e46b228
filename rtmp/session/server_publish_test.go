package session_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/session"
)

func publishStarted(streamID, key string) []string {
	return []string{
		"< stream begin " + streamID,
		"< " + streamID + " onStatus 0 null " + status("status", "NetStream.Publish.Start", key+" is now published."),
	}
}

func unpublished(streamID, key string) string {
	return "< " + streamID + " onStatus 0 null " + status("status", "NetStream.Unpublish.Success", key+" is now unpublished.")
}

func TestPublishBeforeConnect(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.call(0, "createStream", 2, nil)
	s.call(1, "publish", 3, nil, "cam", "live")
	s.call(1, "play", 4, nil, "cam")
	s.want("< 0 _result 2 null 1",
		"< 0 _error 3 null "+status("error", "NetStream.Publish.Failed", "publish before connect"),
		"< 0 _error 4 null "+status("error", "NetStream.Play.Failed", "play before connect"))
	require.False(t, s.Closing())
}

func TestPublishSplitsKeyAndQuery(t *testing.T) {
	long := strings.Repeat("k", 8<<10)
	for _, c := range []struct{ app, tcURL, name, wantKey, wantQuery string }{
		{"live", "", "cam", "cam", ""},
		{"live", "", "cam?a=1", "cam", "a=1"},
		{"live", "", "cam?a=1?b=2", "cam", "a=1?b=2"},
		{"live", "", "cam?", "cam", ""},
		{"live", "", "room/cam", "room/cam", ""},
		{"live?a=app&b=app", "rtmp://h/live?a=url&c=url", "cam?a=key", "cam", "a=key&b=app&c=url"},
		{"live", "", long, long, ""},
	} {
		s := newTestServer(t, session.ServerConfig{})
		var got session.Publish
		s.onPublish = func(p session.Publish) { got = p }
		s.call(0, "connect", 1, object("app", c.app, "tcUrl", c.tcURL))
		s.call(1, "publish", 2, nil, c.name, "live")
		require.Equal(t, session.Publish{Request: 1, StreamID: 1, Key: c.wantKey, Query: c.wantQuery, Mode: "live"}, got)
	}
}

// What encoders put into the place of the publishing type (lal#280: nothing).
func TestPublishModes(t *testing.T) {
	for name, mode := range map[string][]any{
		"live": {"live"}, "Live": {"Live"}, "missing": nil, "empty": {""}, "null": {nil}, "number": {1.0}, "object": {object()},
	} {
		s := connected(t)
		s.call(1, "publish", 4, append([]any{nil, "cam"}, mode...)...)
		s.want(append([]string{"! publish 1 key=cam query= mode=live"}, publishStarted("1", "cam")...)...)
		require.False(t, s.Closing(), name)
	}
	for _, mode := range []string{"record", "append", "appendWithGap", "RECORD"} {
		s := connected(t)
		s.call(1, "publish", 4, nil, "cam", mode)
		s.want("< 1 onStatus 0 null " + status("error", "NetStream.Publish.BadName",
			"publishing type "+strings.ToLower(mode)+" is not available here, use live"))
		require.True(t, s.Closing())
	}
	s := connected(t)
	s.call(1, "publish", 4, nil, "cam", "sideways")
	s.want("< 1 onStatus 0 null " + status("error", "NetStream.Publish.BadName", "unknown publishing type, use live"))
	require.False(t, s.Closing())
}

func TestPublishWithoutAKey(t *testing.T) {
	for name, values := range map[string][]any{
		"nothing": nil, "no object": {nil}, "null": {nil, nil}, "number": {nil, 5.0}, "object": {nil, object()},
		"empty": {nil, ""}, "query only": {nil, "?a=1"}, "true": {nil, true}, "undefined": {nil, amf.Undefined{}},
		"endless": {nil, strings.Repeat("k", 8<<10+1)},
	} {
		s := connected(t)
		s.call(1, "publish", 4, values...)
		s.want("< 1 onStatus 0 null " + status("error", "NetStream.Publish.BadName", "publish needs a stream key"))
		require.False(t, s.Closing(), name)
	}
}

func TestPublishRejected(t *testing.T) {
	s := connected(t)
	s.onPublish = func(p session.Publish) {
		require.True(t, s.RejectPublish(p.Request, session.CodePublishBadName, "key is in use"))
		require.False(t, s.AcceptPublish(p.Request))
		require.False(t, s.RejectPublish(p.Request, session.CodePublishBadName, "again"))
	}
	s.call(1, "publish", 4, nil, "cam", "live")
	s.want("! publish 1 key=cam query= mode=live",
		"< 1 onStatus 0 null "+status("error", "NetStream.Publish.BadName", "key is in use"))
	require.True(t, s.Closing(), "the owner closes after sending")
}

// A late answer must not decide on what the client has asked for since.
func TestAnswerToAnEarlierRequest(t *testing.T) {
	s := connected(t)
	var asked []session.Request
	s.onPublish = func(p session.Publish) { asked = append(asked, p.Request) }
	s.call(1, "publish", 4, nil, "first", "live")
	s.call(0, "deleteStream", 5, nil, 1.0)
	s.call(1, "publish", 6, nil, "second", "live")
	s.lines = nil
	require.False(t, s.AcceptPublish(asked[0]))
	require.False(t, s.RejectPublish(asked[0], session.CodePublishBadName, "late"))
	require.False(t, s.AcceptPlay(asked[1]), "not a play")
	require.False(t, s.RejectPlay(asked[1], session.CodePlayFailed, "not a play"))
	s.want()
	require.True(t, s.AcceptPublish(asked[1]))
	s.want(publishStarted("1", "second")...)
	require.False(t, s.AcceptPublish(asked[1]), "answered before")
}

func TestOneThingAtATime(t *testing.T) {
	for _, accepted := range []bool{true, false} {
		s := connected(t)
		if !accepted {
			s.onPublish = func(session.Publish) {}
		}
		s.call(0, "createStream", 2, nil)
		s.call(0, "createStream", 3, nil)
		s.call(1, "publish", 4, nil, "cam", "live")
		s.drain()
		s.lines = nil
		s.call(2, "publish", 5, nil, "other", "live")
		s.call(2, "publish", 5, nil, "other", "record")
		s.call(2, "play", 6, nil, "other")
		s.want("< 2 onStatus 0 null "+status("error", "NetStream.Publish.BadName", "this connection already publishes or plays"),
			"< 2 onStatus 0 null "+status("error", "NetStream.Publish.BadName", "this connection already publishes or plays"),
			"< 2 onStatus 0 null "+status("error", "NetStream.Play.Failed", "this connection already publishes or plays"))
		require.False(t, s.Closing())
	}
}

func TestAfterOneThingAnother(t *testing.T) {
	s := connected(t)
	s.call(1, "publish", 4, nil, "cam", "live")
	s.call(0, "deleteStream", 5, nil, 1.0)
	s.call(1, "play", 6, nil, "cam")
	s.call(1, "closeStream", 0, nil)
	s.call(2, "publish", 7, nil, "cam2", "live")
	var events []string
	for _, line := range s.lines {
		if strings.HasPrefix(line, "! ") {
			events = append(events, line)
		}
	}
	require.Equal(t, []string{
		"! publish 1 key=cam query= mode=live",
		"! stop 1 deleteStream",
		"! play 1 key=cam query= start=-2 duration=-1 reset=true",
		"! stop 1 closeStream",
		"! publish 2 key=cam2 query= mode=live",
	}, events)
}

func TestWaysToStopPublishing(t *testing.T) {
	fcUnpublish := "< 0 onFCUnpublish 5 null " + status("status", "NetStream.Unpublish.Success", "cam")
	for name, c := range map[string]struct {
		stop func(s *testServer)
		want []string
	}{
		"deleteStream": {func(s *testServer) { s.call(0, "deleteStream", 5, nil, 1.0) }, []string{"! stop 1 deleteStream"}},
		"deleteStream on the stream, name for an id (GStreamer)": {
			func(s *testServer) { s.call(1, "deleteStream", 0, nil, "cam") }, []string{"! stop 1 deleteStream"}},
		"deleteStream on stream 0, name for an id (GStreamer)": {
			func(s *testServer) { s.call(0, "deleteStream", 0, nil, "cam") }, []string{"! stop 1 deleteStream"}},
		"closeStream": {func(s *testServer) { s.call(1, "closeStream", 0, nil) },
			[]string{"! stop 1 closeStream", unpublished("1", "cam")}},
		"closeStream with an id": {func(s *testServer) { s.call(0, "closeStream", 0, nil, 1.0) },
			[]string{"! stop 1 closeStream", unpublished("1", "cam")}},
		"FCUnpublish": {func(s *testServer) { s.call(0, "FCUnpublish", 5, nil, "cam?a=1") },
			[]string{fcUnpublish, "< 0 _result 5 null", "! stop 1 FCUnpublish", unpublished("1", "cam")}},
		"FCUnpublish without a name": {func(s *testServer) { s.call(0, "FCUnpublish", 0, nil) }, []string{
			"< 0 onFCUnpublish 0 null " + status("status", "NetStream.Unpublish.Success", ""), "! stop 1 FCUnpublish", unpublished("1", "cam")}},
		"publish(false) (Wirecast)": {func(s *testServer) { s.call(1, "publish", 0, nil, false) },
			[]string{"! stop 1 publish(false)", unpublished("1", "cam")}},
		"close of the connection": {func(s *testServer) { s.Close() }, []string{"! stop 1 connection closed"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := connected(t)
			s.call(0, "createStream", 2, nil)
			s.call(1, "publish", 4, nil, "cam", "live")
			s.drain()
			s.lines = nil
			c.stop(s)
			s.want(c.want...)
			// Encoders send several of these, in any order. The stop is told once.
			s.call(1, "closeStream", 0, nil)
			s.call(0, "deleteStream", 0, nil, 1.0)
			s.call(1, "publish", 0, nil, false)
			s.Close()
			s.Close()
			s.want()
		})
	}
}

func TestStopsThatAreAboutSomethingElse(t *testing.T) {
	s := connected(t)
	s.call(0, "createStream", 2, nil)
	s.call(1, "publish", 4, nil, "cam", "live")
	s.drain()
	s.lines = nil
	s.call(0, "deleteStream", 0, nil, 2.0)
	s.call(0, "deleteStream", 0, nil, -1.0e300)
	s.call(2, "closeStream", 0, nil)
	s.call(0, "FCUnpublish", 0, nil, "other")
	s.want("< 0 onFCUnpublish 0 null " + status("status", "NetStream.Unpublish.Success", "other"))
}

// Publishing on message stream 0, as clients do that skip createStream, is publishing on the stream created last.
func TestPublishOnAnImpliedStream(t *testing.T) {
	s := connected(t)
	s.call(0, "publish", 4, nil, "cam", "live")
	s.want(append([]string{"! publish 1 key=cam query= mode=live"}, publishStarted("1", "cam")...)...)
	s.call(0, "closeStream", 0, nil)
	s.want("! stop 1 closeStream", unpublished("1", "cam"))
	s.call(0, "createStream", 5, nil)
	s.call(0, "publish", 6, nil, "cam", "live")
	s.want(append([]string{"< 0 _result 5 null 2", "! publish 2 key=cam query= mode=live"}, publishStarted("2", "cam")...)...)
}
