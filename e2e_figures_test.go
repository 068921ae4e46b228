package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/figures"
)

// TestFigures: what the API shows of a stream that ffmpeg publishes and that is watched over RTMP and HTTP, and the events of
// its life.
func TestFigures(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", shownByHTTP)
	events := startProcess(t, "curl", "-sN", s.api+"/events")
	eventually(t, "events come", func() bool { return len(events.output.String()) > 0 })
	publisher := publishOn(t, s.url("live/cam"))
	watch(t, s.url("live/cam")).waitVideo(1)
	watchFLV(t, s.httpURL("cam.flv")).waitVideo(1)

	var streams []figures.Stream
	eventually(t, "the figures of the stream", func() bool {
		require.NoError(t, json.Unmarshal([]byte(s.request("GET", "/streams", "").body), &streams))
		return len(streams) == 1 && streams[0].Viewers == 2 && streams[0].Video != nil && streams[0].Video.KeyFrameSeconds > 0 && streams[0].BitsPerSecond > 0
	})
	stream := streams[0]
	require.Equal(t, "simple live cam", stream.Workflow+" "+stream.App+" "+stream.Key)
	require.Equal(t, "H.264 AAC", stream.Video.Codec+" "+stream.Audio.Codec)
	require.Positive(t, stream.Video.Width)
	require.Positive(t, stream.Audio.SampleRate)
	require.InDelta(t, 25, stream.Video.FramesPerSecond, 10)
	require.Len(t, stream.Outputs, 2)
	require.Equal(t, []string{"/live/live/cam.flv", "/live/live/cam.mp4"}, stream.Outputs[0].Paths)
	for i, protocol := range []string{"http", "rtmp"} {
		require.Equal(t, protocol, stream.Outputs[i].Protocol)
		require.Equal(t, 1, stream.Outputs[i].Viewers)
	}
	require.Equal(t, 200, s.request("GET", "/streams/"+stream.ID, "").status)
	require.Equal(t, 404, s.request("GET", "/streams/none", "").status)

	type passage struct {
		Streams        int
		Packets, Bytes uint64
	}
	var workflow struct {
		Steps []struct{ In, Out passage } `json:"active_steps"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.request("GET", "/workflows/simple", "").body), &workflow))
	received := workflow.Steps[0].Out
	require.Equal(t, 1, received.Streams)
	require.Greater(t, received.Bytes, received.Packets)
	require.Greater(t, received.Packets, uint64(25))
	require.Zero(t, workflow.Steps[0].In, "what it receives comes from outside")
	for _, step := range workflow.Steps[1:] {
		require.Equal(t, received, step.In)
		require.Equal(t, received, step.Out)
	}

	var connections []figures.Connection
	require.NoError(t, json.Unmarshal([]byte(s.request("GET", "/connections", "").body), &connections))
	states := map[string]int{}
	for _, c := range connections {
		require.Equal(t, stream.ID, c.StreamID)
		require.Positive(t, c.BytesReceived)
		states[c.Protocol+" "+c.State]++
	}
	require.Equal(t, map[string]int{"rtmp publishing": 1, "rtmp watching": 1, "http watching": 1}, states)

	endPublishing(publisher)
	for _, event := range []string{"stream_started", "viewer_started", "figures", "stream_ended"} {
		eventually(t, event, func() bool { return strings.Contains(events.output.String(), "event: "+event+"\n") })
	}
}
