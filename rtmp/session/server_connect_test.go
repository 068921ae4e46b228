package session_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

var greeting = []string{
	"< set chunk size 4096",
	"< window ack size 1073741824",
	"< stream begin 0",
	"< set peer bandwidth 2500000 limit 2",
	"< 0 onBWDone 0 null 8192",
}

const connectResult = `< 0 _result 1 {fmsVer: "FMS/3,0,1,1233", capabilities: 31} ` +
	`{level: "status", code: "NetConnection.Connect.Success", description: "Connection succeeded.", objectEncoding: 0}`

func TestGreeting(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.Start()
	// Full headers on chunk streams 2 and 6, message stream 0, and the chunk size first.
	require.Equal(t, []byte{2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0x10, 0}, s.Output()[:16])
	var chunkStreams []uint32
	require.NoError(t, chunk.NewReader(chunk.ReaderConfig{}).Feed(s.Output(), func(m *chunk.Message) error {
		require.Zero(t, m.StreamID)
		chunkStreams = append(chunkStreams, m.ChunkStream)
		return nil
	}))
	require.Equal(t, []uint32{2, 2, 2, 2, 6}, chunkStreams)
	s.want(greeting...)
}

func TestGreetingIsConfigurable(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{ChunkSize: 128, WindowAckSize: 1000, PeerBandwidth: 2000})
	s.Start()
	s.want("< set chunk size 128", "< window ack size 1000", "< stream begin 0",
		"< set peer bandwidth 2000 limit 2", "< 0 onBWDone 0 null 8192")
}

func TestConnectCleansApp(t *testing.T) {
	long := strings.Repeat("x", 8<<10)
	for _, c := range []struct{ app, tcURL, wantApp, wantQuery string }{
		{"live", "", "live", ""},
		{"live/", "", "live", ""},
		{"live//", "", "live/", ""},
		{"/", "", "", ""},
		{"", "rtmp://h", "", ""},
		{"live/room", "", "live/room", ""},
		{"live/_definst_", "", "live", ""},
		{"live?token=a", "", "live", "token=a"},
		{"live/?token=a&b=", "", "live", "token=a&b="},
		{"live", "rtmp://h/live?vhost=v&x=1", "live", "vhost=v&x=1"},
		{"live?x=app", "rtmp://h/live?x=url&y=url", "live", "x=app&y=url"},
		{"live?x=1&x=2", "rtmp://h/live?x=1&x=2", "live", "x=1&x=2"},
		{"live", "'rtmp://h/live?q=1'", "live", "q=1"},
		{"live?&&", "", "live", ""},
		{long, "", long, ""},
	} {
		s := newTestServer(t, session.ServerConfig{})
		var got session.Connect
		s.onConnect = func(c session.Connect) { got = c }
		s.call(0, "connect", 1, object("app", c.app, "tcUrl", c.tcURL))
		require.Equal(t, c.wantApp, got.App, c.app)
		require.Equal(t, c.wantQuery, got.Query, c.app)
		require.Equal(t, c.tcURL, got.TcURL)
	}
}

func TestMergedQueryIsBounded(t *testing.T) {
	for _, pairs := range []int{64, 65} {
		s := newTestServer(t, session.ServerConfig{})
		var got session.Connect
		s.onConnect = func(c session.Connect) { got = c }
		s.call(0, "connect", 1, object("app", "live?"+strings.Repeat("a=1&", pairs)))
		require.Equal(t, 64, strings.Count(got.Query, "a=1"))
	}
}

func TestConnectReadsWhatClientsSend(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	var got session.Connect
	s.onConnect = func(c session.Connect) { got = c }
	s.call(0, "connect", 1, &amf.ECMAArray{Properties: object(
		"app", "live", "tcurl", "rtmp://h/live", "flashVer", "FMLE/3.0", "pageUrl", "http://p", "swfUrl", "http://s",
		"objectEncoding", 3.0, "audioCodecs", "wrong type").Properties})
	require.Equal(t, session.Connect{
		App: "live", TcURL: "rtmp://h/live", FlashVer: "FMLE/3.0", PageURL: "http://p", SwfURL: "http://s", ObjectEncoding: 3,
	}, got)
	require.True(t, s.AcceptConnect())
	s.want("! connect app=live query= tcUrl=rtmp://h/live flashVer=FMLE/3.0 encoding=3",
		strings.Replace(connectResult, "objectEncoding: 0", "objectEncoding: 3", 1))
}

func TestConnectIgnoresPropertiesOfWrongTypes(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.call(0, "connect", 0, object("app", "live", "tcUrl", 5.0, "flashVer", nil, "objectEncoding", "3",
		"fourCcList", "avc1", "videoFourCcInfoMap", 1.0, "capsEx", "all", "fourCcList", object()))
	s.want("! connect app=live query= tcUrl= flashVer= encoding=0", connectResult)
}

func TestConnectWithoutApp(t *testing.T) {
	for name, values := range map[string][]any{
		"nothing":        nil,
		"null":           {nil},
		"text":           {"live"},
		"no app":         {object("tcUrl", "rtmp://h/live")},
		"app no text":    {object("app", 5.0)},
		"app endless":    {object("app", strings.Repeat("x", 8<<10+1))},
		"a strict array": {&amf.StrictArray{Values: []any{"app", "live"}}},
	} {
		s := newTestServer(t, session.ServerConfig{})
		s.call(0, "connect", 1, values...)
		s.want("< 0 _error 1 null " + status("error", "NetConnection.Connect.InvalidApp", "connect names no app"))
		require.True(t, s.Closing(), name)
	}
}

func TestConnectRejected(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.onConnect = func(session.Connect) {
		require.True(t, s.RejectConnect(session.CodeConnectRejected, "no such app"))
		require.False(t, s.RejectConnect(session.CodeConnectRejected, "again"))
		require.False(t, s.AcceptConnect())
	}
	s.call(0, "connect", 7, object("app", "live"))
	require.True(t, s.Closing())
	s.call(0, "createStream", 2, nil)
	s.Received(1 << 40)
	s.Ping(1)
	s.want("! connect app=live query= tcUrl= flashVer= encoding=0",
		"< 0 _error 7 null "+status("error", "NetConnection.Connect.Rejected", "no such app"))
}

func TestConnectIsAnsweredLater(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	require.False(t, s.AcceptConnect(), "nobody asked")
	s.onConnect = func(session.Connect) {}
	s.call(0, "connect", 1, object("app", "live"))
	s.call(1, "publish", 4, nil, "cam", "live")
	s.want("! connect app=live query= tcUrl= flashVer= encoding=0",
		"< 0 _error 4 null "+status("error", "NetStream.Publish.Failed", "publish before connect"))
	require.True(t, s.AcceptConnect())
	s.want(connectResult)
	require.False(t, s.AcceptConnect(), "answered before")
	require.False(t, s.RejectConnect(session.CodeConnectRejected, "late"))
	s.want()
}

func TestSecondConnect(t *testing.T) {
	s := connected(t)
	s.call(0, "connect", 9, object("app", "other"))
	s.want("< 0 _error 9 null " + status("error", "NetConnection.Connect.Rejected", "already connected"))
	require.False(t, s.Closing())
	s.call(1, "publish", 4, nil, "cam", "live")
	require.Equal(t, "! publish 1 key=cam query= mode=live", s.lines[0])
}

func TestEnhancedConnect(t *testing.T) {
	const answer = `objectEncoding: 0, fourCcList: ["*"], videoFourCcInfoMap: {*: 4}, audioFourCcInfoMap: {*: 4}, capsEx: 15}`
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"fourCcList", &amf.StrictArray{Values: []any{"av01", 5.0, "hvc1"}}, " enhanced list=[av01 hvc1] video=[] audio=[] caps=0"},
		{"videoFourCcInfoMap", object("*", 7.0, "avc1", int32(1), "vp09", -1.0), " enhanced list=[] video=[{* 7} {avc1 1} {vp09 0}] audio=[] caps=0"},
		{"audioFourCcInfoMap", &amf.ECMAArray{Properties: object("Opus", 4.0).Properties}, " enhanced list=[] video=[] audio=[{Opus 4}] caps=0"},
		{"capsEx", 3.0, " enhanced list=[] video=[] audio=[] caps=3"},
	} {
		s := newTestServer(t, session.ServerConfig{})
		s.call(0, "connect", 1, object("app", "live", c.name, c.value))
		s.want("! connect app=live query= tcUrl= flashVer= encoding=0"+c.want,
			strings.Replace(connectResult, "objectEncoding: 0}", answer, 1))
	}
}

func TestAnnouncedCodecsAreBounded(t *testing.T) {
	list, codecs := &amf.StrictArray{}, &amf.Object{}
	for i := range 65 {
		list.Values = append(list.Values, "avc1")
		codecs.Properties = append(codecs.Properties, amf.Property{Name: strings.Repeat("x", i+1), Value: 1.0})
	}
	s := newTestServer(t, session.ServerConfig{})
	var got session.Connect
	s.onConnect = func(c session.Connect) { got = c }
	s.call(0, "connect", 1, object("app", "live", "fourCcList", list, "videoFourCcInfoMap", codecs))
	require.Len(t, got.Capabilities.FourCCList, 64)
	require.Len(t, got.Capabilities.Video, 64)
}

func TestReconnectRequest(t *testing.T) {
	old := connected(t)
	require.False(t, old.RequestReconnect("rtmp://other/live", "moving"), "not announced")
	old.want()

	s := newTestServer(t, session.ServerConfig{})
	require.False(t, s.RequestReconnect("", ""), "not connected")
	s.call(0, "connect", 1, object("app", "live", "capsEx", 1.0))
	s.drain()
	s.lines = nil
	require.True(t, s.RequestReconnect("rtmp://other/live", "moving"))
	require.True(t, s.RequestReconnect("", "moving"))
	s.want(`< 0 onStatus 0 null {level: "status", code: "NetConnection.Connect.ReconnectRequest", description: "moving", tcUrl: "rtmp://other/live"}`,
		"< 0 onStatus 0 null "+status("status", "NetConnection.Connect.ReconnectRequest", "moving"))
	require.False(t, s.Closing())
}

// A connect in an AMF3 command, with and without the format byte, is answered in AMF0.
func TestAMF3Connect(t *testing.T) {
	for _, format := range []string{"\x00", ""} {
		s := newTestServer(t, session.ServerConfig{})
		m := data(t, message.TypeCommandAMF3, 0, "connect", 1.0, object("app", "live", "objectEncoding", 3.0))
		m.Payload = append([]byte(format), m.Payload...)
		s.onConnect = func(session.Connect) {}
		require.NoError(t, s.raw(m))
		require.True(t, s.AcceptConnect())
		require.NoError(t, chunk.NewReader(chunk.ReaderConfig{}).Feed(s.Output(), func(m *chunk.Message) error {
			require.Equal(t, message.TypeCommandAMF0, m.Type)
			return nil
		}))
		s.want("! connect app=live query= tcUrl= flashVer= encoding=3",
			strings.Replace(connectResult, "objectEncoding: 0", "objectEncoding: 3", 1))
	}
}
