package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestChain: all kinds of steps behind each other; from the id of the stream the log leads to
// everything that handled it.
func TestChain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, "", `
workflow chain {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path=`+dir+`/a duration=2 count=0
    ffmpeg_hls path=`+dir+`/b duration=1 count=3
    rtmp_watch rtmp_app=preview stream_key=* port={port}
    ffmpeg_transcode vcodec=h264 acodec=aac h264_preset=ultrafast size=96x72 kbps=150 key_frame_seconds=2
    ffmpeg_hls path=`+dir+`/c duration=2 count=0
    rtmp_watch rtmp_app=watch stream_key=* port={port}
    ffmpeg_push target=rtmp://127.0.0.1:{port2}/sink/out
}`)
	sink := startServer(t, "", `
workflow sink {
    rtmp_receive rtmp_app=sink stream_key=out port=`+portText(s.port("2"))+`
    rtmp_watch   rtmp_app=sink stream_key=out port=`+portText(s.port("2"))+`
}`)
	pushedURL := "rtmp://127.0.0.1:" + portText(s.port("2")) + "/sink/out"
	preview, transcoded, pushed := watch(t, s.url("preview/k")), watch(t, s.url("watch/k")), watch(t, pushedURL)
	publisher := publishOn(t, s.url("live/k"))
	pushed.waitVideo(10)
	original, smaller := []string{"aac", "h264,160,120"}, []string{"aac", "h264,96,72"}
	require.Equal(t, original, probe(t, s.url("preview/k")))
	require.Equal(t, smaller, probe(t, s.url("watch/k")))
	require.Equal(t, smaller, probe(t, pushedURL))
	steps := s.running("chain", 8).ActiveSteps
	s.waitChildren("five ffmpegs", 5)

	preview.waitVideo(7 * 25)
	transcoded.waitVideo(4 * 25)
	a, b, c := filepath.Join(dir, "a", "k.m3u8"), filepath.Join(dir, "b", "k.m3u8"), filepath.Join(dir, "c", "k.m3u8")
	eventually(t, "there are segments", func() bool {
		return readPlaylist(t, a).segments() >= 2 && readPlaylist(t, b).segments() >= 4
	})
	endPublishing(publisher)
	s.waitChildren("no ffmpeg is left", 0)
	for _, file := range []string{a, b, c} {
		require.True(t, readPlaylist(t, file).ended, file)
	}
	require.Equal(t, original, probe(t, a))
	require.Equal(t, original, probe(t, b))
	require.Equal(t, smaller, probe(t, c))
	require.Len(t, readPlaylist(t, b).files, 3)
	require.Greater(t, decode(t, a), 2*2*25)
	require.Greater(t, decode(t, c), 2*25)
	require.GreaterOrEqual(t, readPlaylist(t, c).segments(), 2, "there are key frames to cut at")
	readPlaylist(t, c).requireSegments(t, 2)
	requireRun(t, "preview", long(t), preview.got())
	requireTimesNeverGoBack(t, "watch", transcoded.got())
	require.True(t, videoOf(pushed.got())[0].key)
	s.requireLogLeadsEverywhere("k", steps)
	require.Len(t, sink.came("publisher started", "sink"), 1)
}

// requireLogLeadsEverywhere takes the id of the stream from the log files and finds with it the connection, the
// workflow, all steps and all ffmpegs, whose own log files exist.
func (s *testServer) requireLogLeadsEverywhere(key string, steps []stepNow) {
	s.t.Helper()
	lines := s.logFiles()
	stream := ""
	for _, line := range lines {
		if line["message"] == "publisher started" && line["stream_key"] == key && line["rtmp_app"] == "live" {
			stream, _ = line["stream_id"].(string)
		}
	}
	require.NotEmpty(s.t, stream)
	found := map[string][]string{}
	for _, line := range lines {
		if line["stream_id"] != stream {
			continue
		}
		for _, name := range []string{"connection_id", "workflow_name", "step_id", "ffmpeg_id"} {
			if value, _ := line[name].(string); value != "" && !slices.Contains(found[name], value) {
				found[name] = append(found[name], value)
			}
		}
	}
	require.Equal(s.t, []string{"chain"}, found["workflow_name"])
	var ids []string
	for _, step := range steps {
		ids = append(ids, step.ID)
	}
	require.ElementsMatch(s.t, ids, found["step_id"])
	// The publisher's, those of the five ffmpegs that read the stream, and of the one that brings it back.
	require.Len(s.t, found["connection_id"], 1+5+1)
	require.Len(s.t, found["ffmpeg_id"], 5)
	for _, id := range found["ffmpeg_id"] {
		text, err := os.ReadFile(s.ffmpegLog(id))
		require.NoError(s.t, err)
		require.Contains(s.t, string(text), "Input #0")
	}
}

// logFiles returns what stands in the log files.
func (s *testServer) logFiles() (lines []map[string]any) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "logs", "application", "application.log.*"))
	require.NoError(s.t, err)
	require.NotEmpty(s.t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(s.t, err)
		for line := range bytes.Lines(text) {
			var fields map[string]any
			require.NoError(s.t, json.Unmarshal(line, &fields), "%s", line)
			lines = append(lines, fields)
		}
	}
	return lines
}
