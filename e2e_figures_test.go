package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/figures"
)

// TestFiguresOfALiveStream: what the API says of a stream and its viewer is what clients really do, and events tell of both.
func TestFiguresOfALiveStream(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	events := startProcess(t, "curl", "-sSN", s.api+"/events")
	eventually(t, "events", func() bool { return len(eventsOf(events)) > 0 })

	publisher := publishOn(t, s.url("live/camera"))
	viewer := rtmpdumpRecords(t, s.url("live/camera"), filepath.Join(t.TempDir(), "out.flv"))
	var stream figures.Stream
	eventually(t, "figures of five seconds", func() bool {
		streams := s.liveStreams()
		if len(streams) != 1 {
			return false
		}
		stream = streams[0]
		return stream.Viewers == 1 && stream.Seconds > 6 && stream.Video != nil && stream.Outputs[0].BytesSent > 0
	})
	require.Equal(t, s.port(""), stream.Port)
	require.Equal(t, [3]string{"live", "camera", "simple"}, [3]string{stream.App, stream.Key, stream.Workflow})
	require.Equal(t, "H.264 "+longSize, fmt.Sprintf("%s %dx%d", stream.Video.Codec, stream.Video.Width, stream.Video.Height))
	require.Equal(t, "AAC 44100 1", fmt.Sprint(stream.Audio.Codec, " ", stream.Audio.SampleRate, " ", stream.Audio.Channels))
	require.InEpsilon(t, 25, stream.Video.FramesPerSecond, 0.25)
	require.InEpsilon(t, 1, stream.Video.KeyFrameSeconds, 0.01)
	require.InEpsilon(t, float64(stream.Bytes)*8/stream.Seconds, stream.BitsPerSecond, 0.5)
	require.NotEmpty(t, stream.Encoder)
	require.Equal(t, 1, stream.Outputs[0].Viewers)

	one := s.request("GET", "/streams/"+stream.ID, "")
	require.Equal(t, 200, one.status)
	require.Equal(t, 404, s.request("GET", "/streams/none", "").status)
	var connections []figures.Connection
	require.NoError(t, json.Unmarshal([]byte(s.request("GET", "/connections", "").body), &connections))
	states := map[string]string{}
	for _, c := range connections {
		states[c.State] = c.StreamID
	}
	require.Equal(t, map[string]string{figures.Publishing: stream.ID, figures.Watching: stream.ID}, states)

	endPublishing(publisher)
	eventually(t, "the end of the stream", func() bool { return len(s.liveStreams()) == 0 && len(eventsOf(events)["stream_ended"]) == 1 })
	all := eventsOf(events)
	require.Len(t, all["stream_started"], 1)
	require.Contains(t, all["stream_started"][0], stream.ID)
	require.Contains(t, all["stream_ended"][0], stream.ID)
	require.Len(t, all["viewer_started"], 1)
	require.Greater(t, len(all["figures"]), 3)

	s.put(s.fill("workflow second {\n rtmp_receive rtmp_app=live stream_key=* port={port}\n}")) // whose key is taken
	eventually(t, "news of a workflow in error, and lines of the log", func() bool {
		all := eventsOf(events)
		return strings.Contains(strings.Join(all["workflow_changed"], ""), "already takes publishers") && len(all["log"]) > 0
	})
	s.stop()
	require.Zero(t, events.wait(patience), "events end in order with the server: %s", events.output.String())
	viewer.wait(patience)
}

// liveStreams are the live streams by the API.
func (s *testServer) liveStreams() (streams []figures.Stream) {
	s.t.Helper()
	require.NoError(s.t, json.Unmarshal([]byte(s.request("GET", "/streams", "").body), &streams))
	return streams
}

// eventsOf returns the data of the events that curl has got, by their names.
func eventsOf(curl *process) map[string][]string {
	events := map[string][]string{}
	for event := range strings.SplitSeq(curl.output.String(), "\n\n") {
		name, data, ok := strings.Cut(event, "\ndata: ")
		if name, isEvent := strings.CutPrefix(name, "event: "); isEvent && ok {
			events[name] = append(events[name], data)
		}
	}
	return events
}
