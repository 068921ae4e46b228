package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// These conversations follow what clients that could not be recorded are known to send; those of ffmpeg, GStreamer and
// rtmpdump are in testdata.

// OBS 30: librtmp with a chunk size and the codecs of Enhanced RTMP; the key has a query.
func TestOBSPublishes(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.Start()
	s.want(greeting...)
	s.send(0, 0, &message.SetChunkSize{Size: 4096})
	s.call(0, "connect", 1, object("app", "live", "type", "nonprivate", "flashVer", "FMLE/3.0 (compatible; FMSc/1.0)",
		"swfUrl", "rtmp://h/live", "tcUrl", "rtmp://h/live"))
	s.want("! connect app=live query= tcUrl=rtmp://h/live flashVer=FMLE/3.0 (compatible; FMSc/1.0) encoding=0", connectResult)
	s.send(0, 0, &message.WindowAckSize{Size: 2_500_000})
	s.call(0, "releaseStream", 2, nil, "cam?token=a")
	s.call(0, "FCPublish", 3, nil, "cam?token=a")
	s.call(0, "createStream", 4, nil)
	s.want("< 0 _result 2 null",
		"< 0 onFCPublish 3 null "+status("status", "NetStream.Publish.Start", "cam"), "< 0 _result 3 null",
		"< 0 _result 4 null 1")
	s.call(1, "publish", 5, nil, "cam?token=a", "live")
	s.want(append([]string{"! publish 1 key=cam query=token=a mode=live"}, publishStarted("1", "cam")...)...)
	require.NoError(t, s.raw(data(t, 18, 1, "@setDataFrame", "onMetaData", object("encoder", "obs-output module"))))
	s.send(1, 0, audio(4))
	s.send(1, 0, video(40))
	s.send(1, 0, video(4000))
	s.want(`! 1 metadata at 40 {encoder: "obs-output module"}`, "! 1 audio at 0, 4 bytes", "! 1 video at 0, 40 bytes",
		"! 1 video at 0, 4000 bytes")
	s.call(0, "FCUnpublish", 6, nil, "cam?token=a")
	s.call(0, "deleteStream", 7, nil, 1.0)
	s.want("< 0 onFCUnpublish 6 null "+status("status", "NetStream.Unpublish.Success", "cam"), "< 0 _result 6 null",
		"! stop 1 FCUnpublish", unpublished("1", "cam"))
}

// Flash Media Live Encoder and its kin: AMF3 commands, an amount of calls nobody answers in the specification.
func TestFMLEPublishesInAMF3(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	amf3 := func(streamID uint32, values ...any) {
		m := data(t, message.TypeCommandAMF3, streamID, values...)
		m.Payload = append([]byte{0}, m.Payload...)
		require.NoError(t, s.raw(m))
	}
	amf3(0, "connect", 1.0, object("app", "live", "objectEncoding", 3.0))
	amf3(0, "releaseStream", 2.0, nil, "cam")
	amf3(0, "FCPublish", 3.0, nil, "cam")
	amf3(0, "createStream", 4.0, nil)
	amf3(0, "_checkbw", 5.0, nil)
	amf3(1, "publish", 0.0, nil, "cam", "live")
	amf3(1, "publish", 0.0, nil, false)
	amf3(0, "closeStream", 0.0, nil)
	s.drain()
	require.Contains(t, s.lines, "! publish 1 key=cam query= mode=live")
	require.Contains(t, s.lines, "! stop 1 publish(false)")
	require.Contains(t, s.lines, "< 0 _result 5 null")
}

// Haivision encoders begin with _checkbw and createStream (SRS#844), and Makito puts publish before FCPublish.
func TestHaivisionPublishes(t *testing.T) {
	s := connected(t)
	s.call(0, "_checkbw", 2, nil)
	s.call(0, "createStream", 3, nil)
	s.call(0, "releaseStream", 4, nil, "cam")
	s.call(1, "publish", 5, nil, "cam", "live")
	s.call(0, "FCPublish", 6, nil, "cam")
	s.want("< 0 _result 2 null", "< 0 _result 3 null 1", "< 0 _result 4 null",
		"! publish 1 key=cam query= mode=live", publishStarted("1", "cam")[0], publishStarted("1", "cam")[1],
		"< 0 onFCPublish 6 null "+status("status", "NetStream.Publish.Start", "cam"), "< 0 _result 6 null")
}

// VLC 3 (its own access module, from librtmp): set buffer length before createStream, play with a start in milliseconds.
func TestVLCPlays(t *testing.T) {
	s := newTestServer(t, session.ServerConfig{})
	s.call(0, "connect", 1, object("app", "live", "flashVer", "LNX 10,0,32,18", "tcUrl", "rtmp://h:1935/live", "fpad", false,
		"capabilities", 15.0, "audioCodecs", 4071.0, "videoCodecs", 252.0, "videoFunction", 1.0))
	s.send(0, 0, &message.WindowAckSize{Size: 5_000_000})
	s.send(0, 0, &message.UserControl{Event: message.EventSetBufferLength, BufferLength: 300})
	s.call(0, "createStream", 2, nil)
	s.lines = nil
	s.call(1, "play", 3, nil, "cam", -2000.0)
	s.send(0, 0, &message.UserControl{Event: message.EventSetBufferLength, StreamID: 1, BufferLength: 36_000_000})
	s.want(append([]string{"! play 1 key=cam query= start=-2 duration=-1 reset=true"}, playStarted("1", "cam")...)...)
	s.call(1, "pause", 4, nil, true, 0.0)
	s.call(1, "pause", 5, nil, false, 0.0)
	s.want("< 1 onStatus 0 null "+status("status", "NetStream.Pause.Notify", "Paused."),
		"< 1 onStatus 0 null "+status("status", "NetStream.Unpause.Notify", "Unpaused."))
	s.call(0, "deleteStream", 6, nil, 1.0)
	s.want("! stop 1 deleteStream")
}

// Cameras send control messages on odd chunk streams and message streams (mediamtx#4909), and media on stream 0.
func TestCameraWithOddStreams(t *testing.T) {
	s := connected(t)
	s.call(0, "createStream", 2, nil)
	s.call(1, "publish", 3, nil, "cam")
	s.drain()
	s.lines = nil
	payload := s.memory.Alloc(4)
	copy(payload, []byte{0, 0, 0x40, 0})
	require.NoError(t, s.Handle(&chunk.Message{ChunkStream: 70, Type: message.TypeWindowAckSize, StreamID: 1, Payload: payload}))
	s.Received(0x4000)
	s.send(1, 0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 5})
	s.send(0, 7, video(9))
	s.want("< acknowledgement 16384", "< pong 5", "! 1 video at 7, 9 bytes")
}
