package session_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

func TestAcknowledgements(t *testing.T) {
	s := connected(t)
	s.Received(1 << 30)
	s.want()
	s.send(0, 0, &message.WindowAckSize{Size: 10_000})
	s.Received(1<<30 + 1)
	s.want("< acknowledgement 1073741825") // the total, also of what came before the window was known
	s.Received(1<<30 + 2)
	s.Received(1<<30 + 10_000)
	s.want()
	s.Received(1<<30 + 10_001)
	s.want("< acknowledgement 1073751825")
	s.Received(1<<30 + 30_500)
	s.want("< acknowledgement 1073772324")
}

func TestAcknowledgementsWrap(t *testing.T) {
	s := connected(t)
	s.send(0, 0, &message.WindowAckSize{Size: math.MaxUint32})
	s.Received(1<<32 - 2)
	s.want()
	s.Received(1<<32 - 1)
	s.want("< acknowledgement 4294967295")
	s.Received(1<<33 + 5)
	s.want("< acknowledgement 5")
}

// Window 0 turns acknowledgements off, and tiny ones make no flood (ZLM#1839).
func TestTinyWindows(t *testing.T) {
	for _, size := range []uint32{0, 1, 100, 4095, 4096} {
		s := connected(t)
		s.send(0, 0, &message.WindowAckSize{Size: size})
		for total := uint64(1); total <= 3*4096; total++ {
			s.Received(total)
		}
		if size == 0 {
			s.want()
			continue
		}
		s.want("< acknowledgement 4096", "< acknowledgement 8192", "< acknowledgement 12288")
		s.Received(1 << 20)
		s.want("< acknowledgement 1048576") // one, however many windows
	}
}

func TestPings(t *testing.T) {
	s := connected(t)
	s.send(0, 0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 77})
	s.Ping(1234)
	s.want("< pong 77", "< ping 1234")
	_, pongs := s.LastPong()
	require.Zero(t, pongs)
	s.send(0, 0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 1234})
	timestamp, pongs := s.LastPong()
	require.Equal(t, uint32(1234), timestamp)
	require.Equal(t, uint64(1), pongs)
}

// Nothing of this has an effect, wherever it comes and however short it is.
func TestIgnoredMessages(t *testing.T) {
	s := connected(t)
	for _, streamID := range []uint32{0, 1, 99} {
		for _, m := range []message.Message{
			&message.SetChunkSize{Size: 1},
			&message.Abort{ChunkStream: 3},
			&message.Acknowledgement{SequenceNumber: math.MaxUint32},
			&message.SetPeerBandwidth{Size: 0, Limit: 9},
			&message.UserControl{Event: message.EventSetBufferLength, StreamID: 1, BufferLength: 1000},
			&message.UserControl{Event: message.EventStreamBegin},
			&message.UserControl{Event: message.EventBufferEmpty},
			&message.UserControl{Event: message.EventBufferReady},
			&message.UserControl{Event: 26, Raw: []byte{1}},
			&message.UserControl{Event: 65535},
			&message.SharedObject{Body: []byte{1}},
			&message.SharedObject{Body: []byte{1}, AMF3: true},
			&message.Unknown{MessageType: 0},
			&message.Unknown{MessageType: 255, Body: []byte{1, 2, 3}},
		} {
			s.send(streamID, 0, m)
		}
	}
	for messageType := range 256 {
		if messageType == 17 || messageType == 20 {
			continue // see TestUnreadableCommands
		}
		for size := range 4 {
			require.NoError(t, s.raw(chunk.Message{Type: uint8(messageType), Payload: make([]byte, size)}),
				"type %d with %d bytes", messageType, size)
		}
	}
	s.want()
	require.False(t, s.Closing())
}

func TestUnreadableCommands(t *testing.T) {
	deep := append(data(t, 20, 0, "publish", 1.0, nil).Payload, bytes.Repeat([]byte{0x0a, 0, 0, 0, 1}, 33)...)
	for name, payload := range map[string][]byte{
		"cut in the name":       {2, 0, 10, 'p', 'l'},
		"cut in a value":        append(data(t, 20, 0, "publish", 1.0, nil).Payload, 2, 0),
		"unknown marker":        append(data(t, 20, 0, "publish", 1.0, nil).Payload, 0xee),
		"nested too deeply":     deep,
		"object end for a name": {9},
	} {
		for _, messageType := range []uint8{17, 20} {
			s := connected(t)
			err := s.raw(chunk.Message{Type: messageType, Payload: payload})
			var parseErr *message.ParseError
			require.ErrorAs(t, err, &parseErr, name)
			s.want()
		}
	}
}

// Whoever owns the session says when a client may go on.
func TestCommandsMax(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{CommandsMax: 3})
	ping := data(t, 20, 0, "ping", 1.0, nil)
	give := func() error { return s.raw(ping) }
	for range 3 {
		require.NoError(t, give())
	}
	require.ErrorIs(t, give(), session.ErrCommands)
	s.drain()
	require.Len(t, s.lines, 3, "answers; the fourth is not even read")
	s.GrantCommands()
	require.NoError(t, give())
	require.NoError(t, give())

	// What cannot be read is a command as well, and media and control are none.
	require.NoError(t, s.raw(chunk.Message{Type: 20}))
	for range 10 {
		require.NoError(t, s.raw(chunk.Message{Type: 9, StreamID: 1, Payload: []byte{0x17, 0}}))
		require.NoError(t, s.raw(chunk.Message{Type: 4, Payload: []byte{0, 6, 0, 0, 0, 1}}))
		require.NoError(t, s.raw(data(t, 18, 1, "onCuePoint")))
	}
	require.ErrorIs(t, s.raw(chunk.Message{Type: 17}), session.ErrCommands)
}

func TestNamelessCommandsAreIgnored(t *testing.T) {
	s := connected(t)
	for _, first := range []any{nil, 1.0, true, false, object(), amf.Undefined{}, &amf.StrictArray{}} {
		require.NoError(t, s.raw(data(t, 20, 0, first, 1.0, nil)))
	}
	require.NoError(t, s.raw(chunk.Message{Type: 20}))
	require.NoError(t, s.raw(chunk.Message{Type: 17, Payload: []byte{0}}))
	s.want()
}

func TestCallsThatWantAnAnswerGetOne(t *testing.T) {
	s := connected(t)
	for _, name := range []string{"releaseStream", "_checkbw", "FCSubscribe", "receiveVideo", "play2", "getStats", ""} {
		s.call(0, name, 9, nil, "cam")
		s.want("< 0 _result 9 null")
		s.call(0, name, 0, nil, "cam")
		s.call(0, name, 0)
		s.want()
	}
	s.call(0, "getStreamLength", 4, nil, "cam")
	s.want("< 0 _result 4 null 0")
	for _, name := range []string{"_result", "_error", "onStatus", "close"} {
		s.call(0, name, 9, nil, object("level", "error"))
		s.want() // or two servers could answer each other for ever
	}
}

func TestFCPublishCarriesTheTransaction(t *testing.T) {
	s := connected(t)
	s.call(0, "FCPublish", 3, nil, "cam?token=secret")
	s.want("< 0 onFCPublish 3 null "+status("status", "NetStream.Publish.Start", "cam"), "< 0 _result 3 null")
	s.call(0, "FCPublish", 0, nil) // GStreamer wants no answer
	s.want("< 0 onFCPublish 0 null " + status("status", "NetStream.Publish.Start", ""))
}

func TestCreateStreamCounts(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.call(0, "createStream", 2, nil)
	s.call(0, "createStream", 2.5)
	s.want("< 0 _result 2 null 1", "< 0 _result 2.5 null 2")
}

func TestNoCommandCrashesWhateverItsValues(t *testing.T) {
	values := []any{nil, true, false, 0.0, -1.0, math.NaN(), math.Inf(1), math.MaxFloat64, int32(-1), "", "cam?x=1", object(),
		object("app", "live"), &amf.ECMAArray{}, &amf.StrictArray{Values: []any{nil}}, amf.Undefined{}, amf.Date{}}
	names := []string{"connect", "createStream", "publish", "play", "deleteStream", "closeStream", "releaseStream", "FCPublish",
		"FCUnpublish", "pause", "pauseRaw", "seek", "getStreamLength", "_checkbw", "receiveAudio", "close", "_result"}
	for _, name := range names {
		for count := range 5 {
			for _, v := range values {
				s := connected(t)
				list := []any{name, v, v, v, v, v, v}[:1+count]
				require.NoError(t, s.raw(data(t, 20, 1, list...)), "%s with %d of %v", name, count, v)
				list = append([]any{name, 2.0, nil}, v, v, v, v)
				require.NoError(t, s.raw(data(t, 20, 0, list...)), "%s of %v", name, v)
				s.drain()
				s.Close()
			}
		}
	}
}
