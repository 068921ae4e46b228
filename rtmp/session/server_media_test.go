package session_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

func audio(n int) *message.Audio { return &message.Audio{Payload: make([]byte, n)} }
func video(n int) *message.Video { return &message.Video{Payload: make([]byte, n)} }

// publishing is a server whose client has created streams 1 and 2 and publishes on 1.
func publishing(t testing.TB) *testServer {
	s := connected(t)
	s.call(0, "createStream", 2, nil)
	s.call(0, "createStream", 3, nil)
	s.call(1, "publish", 4, nil, "cam", "live")
	s.lines = nil
	return s
}

func TestMediaOfAPublisher(t *testing.T) {
	s := publishing(t)
	s.send(1, 0xfffffff0, video(5))
	s.send(1, 4, audio(2))
	s.send(1, 4, audio(1))
	s.send(1, 5, audio(0))
	s.send(1, 5, video(0))
	s.want("! 1 video at 4294967280, 5 bytes", "! 1 audio at 4, 2 bytes", "! 1 audio at 4, 1 bytes")
}

func TestMediaOnOtherStreams(t *testing.T) {
	s := publishing(t)
	s.send(0, 1, video(5)) // encoders that forget the stream id
	s.send(7, 2, audio(2)) // or make one up
	s.send(2, 3, video(5)) // but stream 2 is somebody else
	require.NoError(t, s.raw(data(t, 18, 2, "onMetaData", object("width", 1.0))))
	s.want("! 1 video at 1, 5 bytes", "! 1 audio at 2, 2 bytes")
}

func TestMediaOfNoPublisher(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.send(1, 0, video(5))
	s.call(0, "connect", 1, object("app", "live"))
	s.send(1, 0, video(5))
	s.call(1, "play", 4, nil, "cam")
	s.lines = nil
	s.send(1, 0, audio(5))
	require.NoError(t, s.raw(data(t, 18, 1, "onMetaData", object("width", 1.0))))
	s.send(1, 0, &message.Aggregate{Body: message.AppendAggregated(nil, &chunk.Message{Type: 9, Payload: []byte{1}})})
	s.call(0, "deleteStream", 5, nil, 1.0)
	s.send(1, 0, video(5))
	s.want("! stop 1 deleteStream")
}

// Encoders that do not wait for NetStream.Publish.Start must not lose what they send first.
func TestMediaBeforeTheDecision(t *testing.T) {
	s := connected(t)
	var request session.Request
	s.onPublish = func(p session.Publish) { request = p.Request }
	early := func() {
		s.call(1, "publish", 4, nil, "cam", "live")
		require.NoError(t, s.raw(data(t, 18, 1, "@setDataFrame", "onMetaData", object("width", 640.0))))
		s.send(1, 0, video(5))
		s.send(1, 20, &message.Aggregate{Body: message.AppendAggregated(nil, &chunk.Message{Type: 8, Payload: []byte{1}})})
		s.want("! publish 1 key=cam query= mode=live")
	}

	early()
	require.True(t, s.AcceptPublish(request))
	s.want(append(publishStarted("1", "cam"), "! 1 metadata at 40 {width: 640}", "! 1 video at 0, 5 bytes", "! 1 audio at 20, 1 bytes")...)
	s.call(0, "deleteStream", 0, nil, 1.0)
	s.want("! stop 1 deleteStream")

	early() // stopped before the decision
	s.call(0, "deleteStream", 0, nil, 1.0)
	s.want("! stop 1 deleteStream")
	require.Empty(t, s.memory.out)

	early() // stopped while handed over
	s.onMedia = s.Close
	require.True(t, s.AcceptPublish(request))
	require.Equal(t, []string{"! 1 video at 0, 5 bytes", "! stop 1 connection closed"}, s.lines[len(s.lines)-2:])
	require.Empty(t, s.memory.out)

	s = connected(t)
	s.onPublish = func(p session.Publish) { request = p.Request }
	early() // refused
	require.True(t, s.RejectPublish(request, session.CodePublishUnauthorized, "wrong token"))
	require.Empty(t, s.memory.out)
}

func TestMediaBeforeTheDecisionIsBounded(t *testing.T) {
	for _, c := range []struct{ limit, size, sent, want int }{
		{1000, 100, 10, 10}, {1000, 100, 11, 10}, {0, 1, 512, 512}, {0, 1, 513, 512}, {0, 1 << 20, 2, 1}, {-1, 1, 1, 0},
	} {
		s := newTestServer(t, session.ServerConfig{EarlyBytes: c.limit})
		s.call(0, "connect", 1, object("app", "live"))
		s.onPublish = func(session.Publish) {}
		s.call(1, "publish", 4, nil, "cam", "live")
		for range c.sent {
			s.send(1, 0, video(c.size))
		}
		require.Len(t, s.memory.out, c.want)
		if c.sent > c.want && c.limit > 0 {
			s.send(1, 0, audio(1)) // the first that did not fit closes it
			require.Len(t, s.memory.out, c.want)
		}
		s.lines = nil
		require.True(t, s.AcceptPublish(1))
		s.send(1, 9, video(7))
		require.Len(t, s.lines, 2+c.want+1, "the answer, media of before, media of after")
		require.Equal(t, "! 1 video at 9, 7 bytes", s.lines[len(s.lines)-1])
	}
}

func TestMetadata(t *testing.T) {
	description := object("width", 640.0, "videocodecid", "avc1", "strict", &amf.StrictArray{Values: []any{1.0}})
	const want = `{width: 640, videocodecid: "avc1", strict: [1]}`
	for name, m := range map[string]chunk.Message{
		"@setDataFrame":                  data(t, 18, 1, "@setDataFrame", "onMetaData", description),
		"bare":                           data(t, 18, 1, "onMetaData", description),
		"two numbers first (ZLM#4800)":   data(t, 18, 1, 0.0, 1.0, "@setDataFrame", "onMetaData", description),
		"ECMA array":                     data(t, 18, 1, "onMetaData", &amf.ECMAArray{Properties: description.Properties}),
		"AMF3 message":                   data(t, 15, 1, "@setDataFrame", "onMetaData", description),
		"more values":                    data(t, 18, 1, "onMetaData", description, 5.0, "x"),
		"wrong chunk stream and type 15": data(t, 15, 0, "onMetaData", description),
	} {
		s := publishing(t)
		require.NoError(t, s.raw(m), name)
		s.want("! 1 metadata at 40 " + want)
	}

	s := publishing(t)
	withoutEnd := data(t, 18, 1, "onMetaData", description)
	withoutEnd.Payload = withoutEnd.Payload[:len(withoutEnd.Payload)-3] // Envivio
	require.NoError(t, s.raw(withoutEnd))
	format := data(t, 15, 1, "@setDataFrame", "onMetaData", description)
	format.Payload = append([]byte{0}, format.Payload...)
	require.NoError(t, s.raw(format))
	require.NoError(t, s.raw(data(t, 18, 1, "@clearDataFrame", "onMetaData")))
	require.NoError(t, s.raw(data(t, 18, 1, "onMetaData")))
	require.NoError(t, s.raw(data(t, 18, 1, "onMetaData", nil)))
	s.want("! 1 metadata at 40 "+want, "! 1 metadata at 40 "+want, "! 1 metadata cleared",
		"! 1 metadata at 40 {}", "! 1 metadata at 40 {}")
}

// Players are to get plain AMF0, whatever the publisher wrote.
func TestMetadataInAMF3IsWrittenInAMF0(t *testing.T) {
	s := publishing(t)
	m := data(t, 15, 1, "@setDataFrame", "onMetaData")
	m.Payload = append([]byte{0}, m.Payload...)
	// 0x11: AMF3 follows. A dynamic object (0x0a 0x0b 0x01) with "width" as integer 5.
	m.Payload = append(m.Payload, 0x11, 0x0a, 0x0b, 0x01, 0x0b, 'w', 'i', 'd', 't', 'h', 0x04, 0x05, 0x01)
	require.NoError(t, s.raw(m))
	s.want("! 1 metadata at 40 {width: 5}")
	values, err := amf.DecodeAll(s.metadata, amf.Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{"onMetaData", object("width", 5.0)}, values)
	require.NotContains(t, string(s.metadata), "\x11")
}

func TestOtherData(t *testing.T) {
	s := publishing(t)
	require.NoError(t, s.raw(data(t, 18, 1, "onTextData", object("text", "hello"))))
	require.NoError(t, s.raw(data(t, 18, 1, "@setDataFrame", "onCuePoint", 1.0, nil)))
	require.NoError(t, s.raw(data(t, 18, 1, "|RtmpSampleAccess", true, true)))                            // of a relay's own server
	require.NoError(t, s.raw(data(t, 18, 1, "onStatus", object("code", "NetStream.Data.Start"))))         // likewise
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1, Payload: []byte{0, 0, 1, 2}}))          // ffmpeg's time code
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1}))                                       // nothing
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1, Payload: []byte("\x02\x00\x01a\x02")})) // broken value
	s.want(`! 1 data onTextData at 40 {text: "hello"}`, "! 1 data onCuePoint at 40 1 null")
}

func TestUnreadableDataIsToldOf(t *testing.T) {
	told := 0
	s := newTestServer(t, session.ServerConfig{OnUnreadable: func(err error, _ uint8, size int) {
		require.Error(t, err)
		require.Positive(t, size)
		told++
	}})
	nameless := chunk.Message{Type: 18, StreamID: 1, Payload: []byte{0, 0, 1, 2}}
	s.call(0, "connect", 1, object("app", "live"))
	require.NoError(t, s.raw(nameless))
	require.Zero(t, told, "nothing is published")
	s.call(1, "publish", 4, nil, "cam")
	require.NoError(t, s.raw(nameless))
	require.Equal(t, 1, told)
	require.NoError(t, s.raw(chunk.Message{Type: 15, StreamID: 1, Payload: []byte{0, 0xff}}))
	require.Equal(t, 2, told)
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1, Payload: []byte("\x02\x00\x01a\x02")}))
	require.Equal(t, 3, told, "a value that is cut off")
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1}))
	require.Equal(t, 3, told, "in which there is nothing to leave out")
}

func TestDataBeyondTheLimitsIsDropped(t *testing.T) {
	var unreadable []error
	s := newTestServer(t, session.ServerConfig{
		AMF: amf.Limits{Nodes: 8},
		OnUnreadable: func(err error, messageType uint8, size int) {
			require.EqualValues(t, 18, messageType)
			require.Positive(t, size)
			unreadable = append(unreadable, err)
		},
	})
	s.call(0, "connect", 1, object("app", "live"))
	s.call(1, "publish", 4, nil, "cam")
	s.lines = nil
	require.NoError(t, s.raw(data(t, 18, 1, "onMetaData", object("a", 1.0, "b", 2.0, "c", 3.0)))) // 8 nodes
	require.NoError(t, s.raw(data(t, 18, 1, "onMetaData", object("a", 1.0, "b", 2.0, "c", 3.0), nil)))
	s.want("! 1 metadata at 40 {a: 1, b: 2, c: 3}")
	require.Len(t, unreadable, 1, "and somebody hears of it")
	require.ErrorIs(t, unreadable[0], amf.ErrTooManyNodes)
}

// Limits above those of package amf hold for what is written anew, too.
func TestDataWithinLargerLimits(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{AMF: amf.Limits{Nodes: 10_000}})
	s.call(0, "connect", 1, object("app", "live"))
	s.call(1, "publish", 4, nil, "cam")
	s.lines = nil
	times := &amf.StrictArray{Values: make([]any, 5000)}
	body := amf.AppendString(nil, "onCuePoint")
	body, err := amf.AppendWithin(body, times, amf.Limits{Nodes: 10_000})
	require.NoError(t, err)
	var got []byte
	s.onData = func(d session.Data) { got = bytes.Clone(d.Body) }
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1, Timestamp: 40, Payload: body}))
	require.Equal(t, body, got)
}

// Metadata may contain itself (AMF0 §2.9). That cannot be passed on, and must not hang.
func TestMetadataThatContainsItself(t *testing.T) {
	s := publishing(t)
	payload := data(t, 18, 1, "onMetaData").Payload
	payload = append(payload, 0x03, 0, 1, 'a', 0x07, 0, 0, 0, 0, 9) // {a: reference to object 0}
	require.NoError(t, s.raw(chunk.Message{Type: 18, StreamID: 1, Payload: payload}))
	s.want()
}

func TestAggregate(t *testing.T) {
	s := publishing(t)
	var body []byte
	body = message.AppendAggregated(body, &chunk.Message{Type: 18, Timestamp: 500, Payload: data(t, 18, 1, "onMetaData", nil).Payload})
	body = message.AppendAggregated(body, &chunk.Message{Type: 9, Timestamp: 500, StreamID: 9, Payload: make([]byte, 5)})
	body = message.AppendAggregated(body, &chunk.Message{Type: 8, Timestamp: 523, Payload: make([]byte, 3)})
	body = message.AppendAggregated(body, &chunk.Message{Type: 8, Timestamp: 523})
	body = message.AppendAggregated(body, &chunk.Message{Type: 22, Timestamp: 523, Payload: body})
	body = message.AppendAggregated(body, &chunk.Message{Type: 20, Payload: data(t, 20, 0, "deleteStream", 0.0, nil, 1.0).Payload})
	body = append(body, 9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0) // a lie
	s.send(1, 1000, &message.Aggregate{Body: body})
	s.want("! 1 metadata at 1000 {}", "! 1 video at 1000, 5 bytes", "! 1 audio at 1023, 3 bytes")
}
