package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStreamsEndInFull checks that playlists and pushed streams have a stream to its last picture. ffmpeg reads in real
// time and is a second or two behind when the stream ends.
func TestStreamsEndInFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path=`+dir+`
    ffmpeg_push target=rtmp://127.0.0.1:{port}/sink/k
    rtmp_watch rtmp_app=live stream_key=* port={port}
}
workflow sink {
    rtmp_receive rtmp_app=sink stream_key=* port={port}
    rtmp_watch rtmp_app=sink stream_key=* port={port}
}`)
	viewer, pushed := watch(t, s.url("live/k")), watch(t, s.url("sink/k"))
	publishLong(t, s.url("live/k"), 5).succeeds(patience)
	s.waitChildren("no ffmpeg is left", 0)
	sent, got := viewer.got(), pushed.got()
	requireRun(t, "the target", sent, got)
	for _, of := range []func([]packet) []packet{videoOf, audioOf} {
		sent, got := of(sent), of(got)
		missing := len(sent) - 1 - indexOfBody(sent, got[len(got)-1])
		require.LessOrEqual(t, missing, 1, "packets that the target lacks; ffmpeg itself may drop the very last one")
	}
	playlist := filepath.Join(dir, "k.m3u8")
	require.True(t, readPlaylist(t, playlist).ended)
	missing := len(videoOf(sent)) - decode(t, playlist)
	require.LessOrEqual(t, missing%25, 1, "it lacks what is before its first key frame and nothing at its end: %d pictures", missing)
	for _, line := range s.logged("ffmpeg stopped") {
		require.Equal(t, "exit status 0", line["exit"], "it was not interrupted")
	}
}
