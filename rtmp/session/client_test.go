package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

const clientConnect = `> 0 connect 1 {app: "live", type: "nonprivate", flashVer: "FMLE/3.0 (compatible; mmids)", tcUrl: "rtmp://h/live", ` +
	`fpad: false, capabilities: 15, audioCodecs: 4071, videoCodecs: 252, videoFunction: 1, objectEncoding: 0`

func TestClientConnects(t *testing.T) {
	c := newTestClient(t, session.ClientConfig{})
	c.Start()
	c.want(clientConnect + `, fourCcList: ["*"], videoFourCcInfoMap: {*: 4}, audioFourCcInfoMap: {*: 4}, capsEx: 15}`)
	c.call(0, "_result", 1, object("fmsVer", "FMS/3"), message.Status{Level: "status", Code: session.CodeConnectSuccess}.Object(
		amf.Property{Name: "capsEx", Value: 1.0}))
	c.want("> window ack size 2500000", "> set chunk size 4096",
		`! connected NetConnection.Connect.Success "FMS/3" enhanced list=[] video=[] audio=[] caps=1`)
	c.call(0, "_result", 1, nil, nil) // a second answer is to nothing
	c.want()
}

func TestClientConnectOptions(t *testing.T) {
	c := newTestClient(t, session.ClientConfig{
		FlashVer: "x", SwfURL: "s", PageURL: "p", Capabilities: &session.Capabilities{}, ChunkSize: 60_000, WindowAckSize: 5,
	})
	c.Start()
	c.want(`> 0 connect 1 {app: "live", type: "nonprivate", flashVer: "x", swfUrl: "s", tcUrl: "rtmp://h/live", fpad: false, ` +
		`capabilities: 15, audioCodecs: 4071, videoCodecs: 252, videoFunction: 1, pageUrl: "p", objectEncoding: 0}`)
	c.call(0, "_result", 1)
	c.want("> window ack size 5", "> set chunk size 60000", `! connected  ""`)
}

func TestClientPublishes(t *testing.T) {
	for _, before := range []bool{true, false} {
		c := newTestClient(t, session.ClientConfig{})
		c.onConnected = func() {
			if !before {
				require.NoError(t, c.Publish("cam?token=a"))
			}
		}
		if before {
			require.NoError(t, c.Publish("cam?token=a"))
			require.ErrorIs(t, c.Publish("other"), session.ErrBusy)
			require.ErrorIs(t, c.Play("other"), session.ErrBusy)
		}
		c.Start()
		c.drain()
		c.lines = nil
		c.call(0, "_result", 1)
		c.want("> window ack size 2500000", "> set chunk size 4096", `! connected  ""`,
			`> 0 releaseStream 2 null "cam?token=a"`, `> 0 FCPublish 3 null "cam?token=a"`, "> 0 createStream 4 null")
		c.call(0, "_error", 2, nil, message.Status{Level: "error", Code: "x"}.Object()) // means nothing
		c.call(0, "onFCPublish", 0, nil, message.Status{Code: session.CodePublishStart}.Object())
		c.want()
		require.ErrorIs(t, c.SendMedia(message.TypeVideo, 0, []byte{1}), session.ErrNotPublishing)
		c.call(0, "_result", 4, nil, 3.0)
		c.want(`> 3 publish 5 null "cam?token=a" "live"`)
		c.onStatus(3, "status", session.CodePublishStart)
		c.onStatus(3, "status", "NetStream.Data.Start")
		c.want("! publish start 3", `! 3 status {level: "status", code: "NetStream.Data.Start", description: "why"}`)

		require.NoError(t, c.SendMetadata(0, description))
		require.NoError(t, c.SendMedia(message.TypeVideo, 1<<24, make([]byte, 10_000)))
		require.NoError(t, c.SendMedia(message.TypeAudio, 1<<24+20, []byte{1}))
		require.NoError(t, c.SendMedia(message.TypeVideo, 1<<24+40, make([]byte, 10_000)))
		require.NoError(t, c.SendData(7, amf.AppendString(nil, "onTextData"), false))
		c.want("> 3 data @setDataFrame onMetaData [width: 640]", "> 3 video at 16777216, 10000 bytes",
			"> 3 audio at 16777236, 1 bytes", "> 3 video at 16777256, 10000 bytes", "> 3 data onTextData")
		c.Stop()
		c.want(`> 0 FCUnpublish 6 null "cam?token=a"`, "> 0 deleteStream 0 null 3")
		require.ErrorIs(t, c.SendMedia(message.TypeVideo, 0, []byte{1}), session.ErrNotPublishing)
		require.ErrorIs(t, c.SendMetadata(0, description), session.ErrNotPublishing)
		c.Stop()
		c.want()
		require.NoError(t, c.Play("cam"))
		c.want("> 0 createStream 7 null")
	}
}

func TestClientSendsNothingTooLong(t *testing.T) {
	c := publishingClient(t)
	require.ErrorIs(t, c.SendMedia(message.TypeVideo, 0, make([]byte, 1<<24)), session.ErrTooLong)
	require.ErrorIs(t, c.SendData(0, make([]byte, 1<<23), false), session.ErrTooLong)
	require.ErrorIs(t, c.SendMetadata(0, struct{}{}), amf.ErrUnsupportedType)
	c.want()
	require.NoError(t, c.SendMedia(message.TypeVideo, 0, make([]byte, 1<<24-1)))
}

func TestClientPlays(t *testing.T) {
	c := newTestClient(t, session.ClientConfig{BufferLength: 500})
	c.Start()
	require.NoError(t, c.Play("cam?a=1"))
	c.drain()
	c.lines = nil
	c.call(0, "_result", 1)
	c.lines = nil
	c.send(1, 0, video(5)) // of nothing that was asked for
	c.call(0, "_result", 2, nil, 1.0)
	c.want(`> 1 play 3 null "cam?a=1" -2`, "> set buffer length 500 of 1")
	c.onStatus(1, "status", session.CodePlayReset)
	c.send(0, 0, &message.UserControl{Event: message.EventStreamBegin, StreamID: 1})
	c.onStatus(1, "status", session.CodePlayStart)
	c.onStatus(1, "status", session.CodePlayStart)
	c.want(`! 1 status {level: "status", code: "NetStream.Play.Reset", description: "why"}`, "! play start 1",
		`! 1 status {level: "status", code: "NetStream.Play.Start", description: "why"}`)
	require.NoError(t, c.raw(data(t, 18, 1, "|RtmpSampleAccess", true, true)))
	require.NoError(t, c.raw(data(t, 18, 1, "onMetaData", description)))
	require.NoError(t, c.raw(chunk.Message{Type: 18, Payload: []byte{1}}))
	c.send(1, 0, video(5))
	c.send(1, 20, audio(0))
	c.send(1, 30, &message.Aggregate{Body: append(
		message.AppendAggregated(nil, &chunk.Message{Type: 8, Timestamp: 5, Payload: []byte{1}}),
		message.AppendAggregated(nil, &chunk.Message{Type: 18, Timestamp: 6, Payload: data(t, 18, 1, "onMetaData", nil).Payload})...)})
	c.want("! 1 data |RtmpSampleAccess true true", "! 1 metadata at 40 {width: 640}", "! 1 video at 0, 5 bytes",
		"! 1 audio at 30, 1 bytes", "! 1 metadata at 31 {}")
	require.ErrorIs(t, c.SendMedia(message.TypeVideo, 0, []byte{1}), session.ErrNotPublishing)
	c.onStatus(1, "status", session.CodePlayUnpublishNotify)
	c.want(`! 1 status {level: "status", code: "NetStream.Play.UnpublishNotify", description: "why"}`)
	c.Stop()
	c.send(1, 40, video(5))
	c.send(1, 40, &message.Aggregate{Body: message.AppendAggregated(nil, &chunk.Message{Type: 8, Payload: []byte{1}})})
	require.NoError(t, c.raw(data(t, 18, 1, "onMetaData", description)))
	c.want("> 0 deleteStream 0 null 1")
}

func TestClientIsRefused(t *testing.T) {
	refusal := message.Status{Level: "error", Code: "NetConnection.Connect.Rejected", Description: "no"}
	badName := message.Status{Level: "error", Code: "NetStream.Publish.BadName", Description: "in use"}
	for name, c := range map[string]struct {
		refuse func(*testClient)
		want   session.RefusedError
	}{
		"connect": {func(c *testClient) { c.call(0, "_error", 1, nil, refusal.Object()) },
			session.RefusedError{During: "connect", Status: refusal}},
		"connect, in the first object": {func(c *testClient) { c.call(0, "_error", 1, refusal.Object()) },
			session.RefusedError{During: "connect", Status: refusal}},
		"connect, as a status": {func(c *testClient) { c.call(0, "onStatus", 0, nil, refusal.Object()) },
			session.RefusedError{During: "connect", Status: refusal}},
		"connect, without a reason": {func(c *testClient) { c.call(0, "_error", 1) }, session.RefusedError{During: "connect"}},
		"createStream": {func(c *testClient) {
			c.call(0, "_result", 1)
			c.call(0, "_error", 4, nil, badName.Object())
		}, session.RefusedError{During: "createStream", Status: badName}},
		"publish": {func(c *testClient) {
			c.call(0, "_result", 1)
			c.call(0, "_result", 4, nil, 1.0)
			c.call(0, "_error", 5, nil, badName.Object())
		}, session.RefusedError{During: "publish", Status: badName}},
		// Some servers give onStatus a transaction and the wrong message stream (mediamtx#2383, SRS#4630).
		"publish, as a status": {func(c *testClient) {
			c.call(0, "_result", 1)
			c.call(0, "_result", 4, nil, 1.0)
			c.call(0, "onStatus", 5, nil, badName.Object())
		}, session.RefusedError{During: "publish", Status: badName}},
	} {
		t.Run(name, func(t *testing.T) {
			client := newTestClient(t, session.ClientConfig{})
			client.Start()
			require.NoError(t, client.Publish("cam"))
			c.refuse(client)
			require.Len(t, client.errors, 1)
			var got *session.RefusedError
			require.ErrorAs(t, client.errors[0], &got)
			require.Equal(t, c.want, *got)
			require.Contains(t, got.Error(), c.want.During)
			require.NoError(t, client.Publish("other"), "whoever was refused does nothing any more")
		})
	}
}

func TestClientGetsNoStream(t *testing.T) {
	for _, values := range [][]any{{nil}, {nil, "1"}, {nil, 0.0}, {nil, -1.0}, {nil, nil}} {
		c := connectedClient(t)
		require.NoError(t, c.Play("cam"))
		c.call(0, "_result", 2, values...)
		require.Len(t, c.errors, 1)
		require.NoError(t, c.Play("cam"), "may try again")
	}
}

func TestClientStopsBeforeItHasAStream(t *testing.T) {
	c := connectedClient(t)
	require.NoError(t, c.Publish("cam"))
	c.Stop()
	c.drain()
	c.lines = nil
	c.call(0, "_result", 4, nil, 1.0)
	c.want("> 0 deleteStream 0 null 1")
	c.onStatus(1, "error", session.CodePublishBadName) // about a stream it has left
	require.Empty(t, c.errors)
}

func TestClientAnswers(t *testing.T) {
	c := connectedClient(t)
	c.call(0, "onBWDone", 0, nil, 8192.0)
	c.send(0, 0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 9})
	c.send(0, 0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 10})
	c.send(0, 0, &message.SetPeerBandwidth{Size: 2_500_000, Limit: message.LimitDynamic}) // as it is
	c.send(0, 0, &message.SetPeerBandwidth{Size: 5_000_000, Limit: message.LimitDynamic})
	c.send(0, 0, &message.WindowAckSize{Size: 5000})
	c.Received(5000)
	c.Ping(3)
	c.want("> 0 _checkbw 2 null", "> pong 9", "> window ack size 5000000", "> acknowledgement 5000", "> ping 3")
	timestamp, pongs := c.LastPong()
	require.Equal(t, uint32(10), timestamp)
	require.Equal(t, uint64(1), pongs)
}

func TestClientSkipsWhatItDoesNotUnderstand(t *testing.T) {
	c := connectedClient(t)
	require.NoError(t, c.raw(chunk.Message{Type: 4, Payload: []byte{0}}))
	require.NoError(t, c.raw(chunk.Message{Type: 99}))
	require.NoError(t, c.raw(chunk.Message{Type: 20}))
	require.NoError(t, c.raw(data(t, 20, 0, 5.0)))
	c.call(0, "onStatus", 0)
	c.call(0, "onStatus", 0, nil, "text")
	c.call(0, "_result", 99, nil)
	c.call(0, "close", 0)
	c.want()
	require.Error(t, c.raw(chunk.Message{Type: 20, Payload: []byte{2, 0, 9}}))
	c.Close()
	require.NoError(t, c.raw(chunk.Message{Type: 20, Payload: []byte{2, 0, 9}}))
	c.Received(1 << 40)
	c.want()
}

// A server that never stops asking does not make the client remember without end: the 32 newest calls wait.
func TestClientForgetsCallsThatNobodyAnswers(t *testing.T) {
	for _, later := range []int{31, 32} {
		c := connectedClient(t)
		require.NoError(t, c.Play("cam"))
		for range later {
			c.call(0, "onBWDone", 0)
		}
		c.lines = nil
		c.call(0, "_result", 2, nil, 1.0)
		if later == 31 {
			c.want(`> 1 play 34 null "cam" -2`, "> set buffer length 1000 of 1")
		} else {
			c.want()
		}
	}
}

// Audio and video have chunk streams of their own, so that a key frame does not spoil the short headers of audio.
func TestClientChunkStreams(t *testing.T) {
	c := publishingClient(t)
	require.NoError(t, c.SendMedia(message.TypeVideo, 0, []byte{1}))
	require.NoError(t, c.SendMedia(message.TypeAudio, 0, []byte{1}))
	require.NoError(t, c.SendMetadata(0, description))
	c.Ping(0)
	c.Stop()
	var chunkStreams []uint32
	require.NoError(t, c.reader.Feed(c.Output(), func(m *chunk.Message) error {
		chunkStreams = append(chunkStreams, m.ChunkStream)
		return nil
	}))
	c.ClearOutput()
	require.Equal(t, []uint32{4, 5, 8, 2, 3, 3}, chunkStreams)
}

func TestClientIsAskedToReconnect(t *testing.T) {
	c := publishingClient(t)
	c.call(0, "onStatus", 0, nil, message.Status{Level: "status", Code: session.CodeConnectReconnect}.Object(
		amf.Property{Name: "tcUrl", Value: "rtmp://other/live"}))
	c.want(`! 0 status {level: "status", code: "NetConnection.Connect.ReconnectRequest", description: "", tcUrl: "rtmp://other/live"}`)
	require.NoError(t, c.SendMedia(message.TypeAudio, 0, []byte{1}))
}
