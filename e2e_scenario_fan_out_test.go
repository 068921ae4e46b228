package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFanOut: one publisher, two copies to elsewhere and two other sizes, made by workflows of their own.
func TestFanOut(t *testing.T) {
	t.Parallel()
	sink := startServer(t, "", `
workflow sink {
    rtmp_receive rtmp_app=in stream_key=* port={port}
    rtmp_watch   rtmp_app=in stream_key=* port={port}
}`)
	s := startServer(t, "", `
workflow ingest {
    rtmp_receive rtmp_app=publish stream_key=stream port={port}
    workflow_forwarder target_workflow=small
    workflow_forwarder target_workflow=large
    ffmpeg_push target=`+sink.url("in/copy1")+`
    ffmpeg_push target=`+sink.url("in/copy2")+`
}
workflow small {
    ffmpeg_transcode vcodec=h264 acodec=copy h264_preset=ultrafast size=96x72 kbps=100
    ffmpeg_push target=`+sink.url("in/small")+`
}
workflow large {
    ffmpeg_transcode vcodec=h264 acodec=copy h264_preset=ultrafast size=240x180 kbps=300
    ffmpeg_push target=`+sink.url("in/large")+`
}`)
	copies := []*viewer{watch(t, sink.url("in/copy1")), watch(t, sink.url("in/copy2"))}
	transcoded := []*viewer{watch(t, sink.url("in/small")), watch(t, sink.url("in/large"))}
	publisher := publishOn(t, s.url("publish/stream"))
	for _, v := range transcoded {
		v.waitVideo(10)
	}
	require.Equal(t, []string{"aac", "h264,96,72"}, probe(t, sink.url("in/small")))
	require.Equal(t, []string{"aac", "h264,240,180"}, probe(t, sink.url("in/large")))
	s.waitChildren("an ffmpeg for each push and transcoding", 6)

	for _, v := range copies {
		v.waitVideo(100)
	}
	endPublishing(publisher)
	s.waitChildren("no ffmpeg is left", 0)
	require.Len(t, s.ffmpegs(), 6, "none had to be started again")
	sent := long(t)
	for _, v := range copies {
		requireRun(t, "a copy", sent, v.got())
	}
	for _, v := range transcoded {
		got := v.got()
		requireTimesNeverGoBack(t, "a transcoded stream", got)
		require.True(t, videoOf(got)[0].key)
		requireRunOf(t, "audio that was not transcoded", audioOf(sent), audioOf(got))
	}
	for _, v := range append(copies, transcoded...) {
		require.False(t, v.gone())
	}
}

// TestPushToSeveralTargets: a target that is not there is tried again with growing pauses, and nobody else
// notices.
func TestPushToSeveralTargets(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=show port={port}
    rtmp_watch   rtmp_app=live stream_key=show port={port}
    ffmpeg_push target=rtmp://`+unused(t)+`/live/secretdead
    ffmpeg_push target=rtmp://127.0.0.1:{port}/sink/secretgood
}
workflow sink {
    rtmp_receive rtmp_app=sink stream_key=* port={port}
    rtmp_watch   rtmp_app=sink stream_key=* port={port}
}`)
	viewer, pushed := watch(t, s.url("live/show")), watch(t, s.url("sink/secretgood"))
	publisher := publishOn(t, s.url("live/show"))
	var pauses []any
	eventually(t, "the dead target is tried again and again", func() bool {
		pauses = nil
		for _, line := range s.logged("ffmpeg stopped") {
			pauses = append(pauses, line["restart_in"])
		}
		return len(s.ffmpegs()) >= 4 // one of them with the live target
	})
	require.Equal(t, []any{"1s", "2s"}, pauses[:2]) // the next may be over already
	pushed.waitVideo(50)
	require.Equal(t, "Running", s.details("live").Status)
	endPublishing(publisher)
	s.waitChildren("no ffmpeg is left", 0)

	got := videoOf(viewer.got())
	requireRunOf(t, "the viewer", videoOf(long(t)), got)
	require.Equal(t, videoOf(long(t))[0], got[0])
	requireRun(t, "the live target", long(t), pushed.got())
	require.NotContains(t, s.output.String(), "secretdead", "keys of targets are not logged")
}
