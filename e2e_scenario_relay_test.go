package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStaticRelay: playback servers pull a stream from an ingest server. They recover when the publisher
// or the ingest server comes again, and their viewers stay.
func TestStaticRelay(t *testing.T) {
	t.Parallel()
	ingestURL := fmt.Sprintf("rtmp://127.0.0.1:%d/live/stream", freePort(t, "127.0.0.1"))
	startIngest := func() *testServer {
		address := fmt.Sprint("port=", portOf(t, ingestURL))
		return startServer(t, "", `
workflow ingest {
    rtmp_receive rtmp_app=live stream_key=stream `+address+`
    rtmp_watch   rtmp_app=live stream_key=stream `+address+`
}`)
	}
	ingest := startIngest()
	var playback []*testServer
	var viewers []*viewer
	for range 3 {
		s := startServer(t, "", `
workflow playback {
    ffmpeg_pull location=`+ingestURL+` stream_name=watch
    rtmp_watch rtmp_app=live stream_key=watch port={port}
}`)
		playback = append(playback, s)
		viewers = append(viewers, watch(t, s.url("live/watch")))
	}
	goOn := func() {
		t.Helper()
		for _, v := range viewers {
			v.waitVideo(len(videoOf(v.got())) + 25)
		}
	}

	publisher := publishOn(t, ingestURL)
	for _, v := range viewers {
		requireRun(t, "a viewer", long(t), v.waitVideo(25))
	}
	require.Equal(t, []string{"aac", "h264,160,120"}, probe(t, playback[0].url("live/watch")))

	publisher.signal(syscall.SIGTERM)
	publisher.wait(patience)
	publisher = publishOn(t, ingestURL)
	goOn()

	ingest.stop()
	publisher.wait(patience)
	startIngest()
	publishOn(t, ingestURL)
	goOn()
	for i, s := range playback {
		require.Equal(t, "Running", s.details("playback").Status)
		require.False(t, viewers[i].gone())
		requireTimesNeverGoBack(t, "a viewer", viewers[i].got())
		require.Greater(t, len(s.came("publisher started", s.ffmpegApp())), 1, "each run of ffmpeg is a stream of its own")
	}
}

// ffmpegApp is the app to which the server's only pulling ffmpeg publishes.
func (s *testServer) ffmpegApp() string {
	for _, line := range s.logged("registered") {
		if app, _ := line["rtmp_app"].(string); line["internal"] == true {
			return app
		}
	}
	return ""
}

func portOf(t testing.TB, url string) (port int) {
	t.Helper()
	_, err := fmt.Sscanf(url, "rtmp://127.0.0.1:%d/", &port)
	require.NoError(t, err)
	return port
}

// TestDynamicRelay: a playback server pulls a stream from the moment that somebody wants to see it until
// the last viewer has left, once for all of them.
func TestDynamicRelay(t *testing.T) {
	t.Parallel()
	publishers, watchers := startLookup(t), startLookup(t)
	ingest := startServer(t, "", publishers.reactor("publishers")+`
workflow ingest {
    rtmp_receive rtmp_app=ingest stream_key=* port={port} reactor=publishers
    rtmp_watch   rtmp_app=pull_source stream_key=* port={port}
}`)
	playback := startServer(t, "", watchers.reactor("watchers")+`
workflow viewers {
    rtmp_watch rtmp_app=live stream_key=* port={port} reactor=watchers
}`)
	for _, name := range []string{"one", "two"} {
		publishers.says(name, 200, "")
		watchers.says(name, 200, `
workflow ingest_`+name+` {
    ffmpeg_pull location=`+ingest.url("pull_source/"+name)+` stream_name=`+name+`
    workflow_forwarder target_workflow=viewers
}`)
	}
	_, err := tryWatch(t, playback.url("live/unknown"))
	require.ErrorContains(t, err, "the stream is not allowed")
	require.Equal(t, []string{"viewers"}, playback.workflows())

	first := watch(t, playback.url("live/one")) // before the publisher
	playback.waitWorkflows("ingest_one", "viewers")
	publishOn(t, ingest.url("ingest/one"))
	first.waitVideo(10)
	second := watch(t, playback.url("live/one"))
	second.waitVideo(10)
	publishOn(t, ingest.url("ingest/two"))
	other := watch(t, playback.url("live/two")) // after the publisher
	playback.waitWorkflows("ingest_one", "ingest_two", "viewers")
	other.waitVideo(10)
	require.Len(t, watchers.about("one"), 1)
	require.Len(t, playback.ffmpegs(), 2, "one for each stream")

	first.close()
	second.waitVideo(len(videoOf(second.got())) + 25)
	for _, v := range []*viewer{first, second, other} {
		requireRun(t, "a viewer", long(t), v.got())
	}
	second.close()
	eventuallyIn(t, 10*time.Second, "the pull ends after the last viewer", func() bool {
		return slices.Equal(playback.workflows(), []string{"ingest_two", "viewers"})
	})
	playback.waitChildren("one ffmpeg is left", 1)
	ingest.waitCame("viewer stopped", "pull_source", 1)
	require.Len(t, playback.ffmpegs(), 2, "none had to be started again")

	again := watch(t, playback.url("live/one"))
	again.waitVideo(10)
	requireRun(t, "a viewer that comes later", long(t), again.got())
	other.close()
	again.close()
	playback.waitWorkflows("viewers")
	playback.waitChildren("no ffmpeg is left", 0)
}

// TestPullOfAFile: what ends is read again, as a new stream of the same name, for the same viewers.
func TestPullOfAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "two seconds.flv")
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", must(t, longFile), "-t", "2", "-c", "copy", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	sent := readFLV(t, file)
	s := startServer(t, "", `
workflow pull {
    ffmpeg_pull location="`+file+`" stream_name=p
    rtmp_watch rtmp_app=pull stream_key=pull port={port}
}`)
	v := watch(t, s.url("pull/pull"))
	n := len(videoOf(sent))
	got := v.waitVideo(n + n/2)
	requireTimesNeverGoBack(t, "the viewer", got)
	requireRun(t, "the viewer", sent, got)
	require.Equal(t, []string{"aac", "h264,160,120"}, probe(t, s.url("pull/pull")))
	require.False(t, v.gone())
	ids := map[string]bool{}
	for _, line := range s.came("publisher started", s.ffmpegApp()) {
		ids[line["stream_id"].(string)] = true
		require.Equal(t, "p", line["stream_key"])
	}
	require.GreaterOrEqual(t, len(ids), 2, "each run is a stream of its own")
	s.delete("pull")
	s.waitChildren("no ffmpeg is left", 0)
}
