package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/message"
)

// TestStreamsAreWhole checks that playlists and pushed streams have a stream from its first picture to its last. ffmpeg takes
// a while to begin, and as it reads in real time it is as much behind when the stream ends.
func TestStreamsAreWhole(t *testing.T) {
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
	sent := viewer.got()
	requireWhole(t, "the target", sent, pushed.waitAll(sent))
	playlist := filepath.Join(dir, "k.m3u8")
	require.True(t, readPlaylist(t, playlist).ended)
	require.Equal(t, len(videoOf(sent)), decode(t, playlist), "pictures in the playlist")
	s.requireFinished(2)
}

// requireFinished waits until so many ffmpegs have ended, each by itself.
func (s *testServer) requireFinished(n int) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%d ffmpegs have ended", n), func() bool { return len(s.logged("ffmpeg stopped")) == n })
	for _, line := range s.logged("ffmpeg stopped") {
		require.Equal(s.t, "exit status 0", line["exit"], "it was not interrupted")
	}
}

// TestTranscodedStreamsAreWhole checks that every picture and all sound that goes into a transcoding comes out of it, from the
// first to the last, and that the stream ends for the steps behind when ffmpeg has put out its last frame.
func TestTranscodedStreamsAreWhole(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow coded {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch rtmp_app=live stream_key=* port={port}
    ffmpeg_transcode vcodec=h264 acodec=aac h264_preset=ultrafast
    rtmp_watch rtmp_app=coded stream_key=* port={port}
}
workflow copied {
    rtmp_receive rtmp_app=copy stream_key=* port={port}
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=copied stream_key=* port={port}
}`)
	original, coded, copied := watch(t, s.url("live/k")), watch(t, s.url("coded/k")), watch(t, s.url("copied/k"))
	publishers := []*process{publishLong(t, s.url("live/k"), 4), publishLong(t, s.url("copy/k"), 4)}
	for _, p := range publishers {
		p.succeeds(patience)
	}
	s.waitChildren("no ffmpeg is left", 0)
	eventually(t, "both streams have ended", func() bool { return len(s.streams("coded")) == 0 && len(s.streams("copied")) == 0 })

	sent := original.got()
	requireWhole(t, "the copy", sent, copied.waitAll(sent))
	var got []packet
	last := func(packets []packet) float64 { return float64(packets[len(packets)-1].dts) }
	coded.waitFor("its tail", func(all []packet) bool {
		got = all
		return len(videoOf(all)) >= len(videoOf(sent)) && last(audioOf(sent))-last(audioOf(all)) < 50
	})
	require.Len(t, videoOf(got), len(videoOf(sent)))
	requireTimesNeverGoBack(t, "the viewer", got)
	require.InDelta(t, len(audioOf(sent)), len(audioOf(got)), 2, "the encoder begins with a frame of its own")
	s.requireFinished(2)
}

// TestPublisherReturnsSoonToATranscoding publishes again while ffmpeg still works off the end of the stream before. The viewer
// stays and sees the second stream from its first packet to its last, with times that go on.
func TestPublisherReturnsSoonToATranscoding(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow copied {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=copied stream_key=* port={port}
}`)
	v := watch(t, s.url("copied/k"))
	publishLong(t, s.url("live/k"), 3).succeeds(patience)
	publishFile(t, must(t, sourceFile), s.url("live/k")).succeeds(patience)
	s.waitChildren("no ffmpeg is left", 0)
	eventually(t, "the stream has ended", func() bool { return len(s.streams("copied")) == 0 })

	second := source(t)
	last := func(list []packet) packet { return list[len(list)-1] }
	v.waitFor("the end of the second stream", func(all []packet) bool {
		return indexOfBody(all, last(videoOf(second))) >= 0 && indexOfBody(all, last(audioOf(second))) >= 0
	})
	got := v.got()
	requireTimesNeverGoBack(t, "the viewer", got)
	at := indexOfBody(got, videoOf(second)[0])
	require.GreaterOrEqual(t, at, 0)
	requireRunOf(t, "the second stream", videoOf(second), videoOf(got[at:]))
	require.Len(t, videoOf(got[at:]), len(videoOf(second)))
	first := videoOf(got[:at])
	requireRunOf(t, "the first stream", videoOf(long(t)), first)
	require.Greater(t, len(first), 2*25, "and most of the first")
	require.False(t, v.gone())
}

// streams are the keys of the streams that the last step of a workflow shows.
func (s *testServer) streams(workflow string) (keys []string) {
	s.t.Helper()
	var d struct {
		Steps []struct {
			Details struct {
				Streams []struct {
					Key string `json:"stream_key"`
				}
			}
		} `json:"active_steps"`
	}
	a := s.request("GET", "/workflows/"+workflow, "")
	require.NoError(s.t, json.Unmarshal([]byte(a.body), &d), a.body)
	for _, stream := range d.Steps[len(d.Steps)-1].Details.Streams {
		keys = append(keys, stream.Key)
	}
	return keys
}

// TestFastStreamIsReadToItsEnd publishes seconds of a stream at once, and more bytes than sockets hold. ffmpeg, which has not
// even begun to read when the stream is over, reads it in real time and to its end.
func TestFastStreamIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_push target=rtmp://127.0.0.1:{port}/sink/k
    ffmpeg_hls path=`+dir+`
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=copied stream_key=* port={port}
}
workflow sink {
    rtmp_receive rtmp_app=sink stream_key=* port={port}
    rtmp_watch rtmp_app=sink stream_key=* port={port}
}`)
	pushed, copied := watch(t, s.url("sink/k")), watch(t, s.url("copied/k"))
	f := feed(t, s.url("live/k"))
	for i := range f.packets {
		if p := &f.packets[i]; p.kind == message.TypeVideo && !p.header {
			p.body = append(slices.Clone(p.body), fillerUnit(60_000)...)
		}
	}
	const frames = 4 * 25
	f.send(frames)
	require.NoError(t, f.publisher.Stop())
	s.waitCame("publisher stopped", "live", 1) // closing earlier would let the kernel throw away what is under way
	s.waitChildren("no ffmpeg is left", 0)
	requireWhole(t, "the target", f.sent, pushed.waitAll(f.sent))
	requireWhole(t, "the copy", f.sent, copied.waitAll(f.sent))
	require.Equal(t, frames, decode(t, filepath.Join(dir, "k.m3u8")))
	s.requireFinished(3)
}

// fillerUnit is a NAL unit that means nothing, behind its length (ISO/IEC 14496-10 §7.3.2.7).
func fillerUnit(size int) []byte {
	unit := []byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size), 12}
	unit = append(unit, bytes.Repeat([]byte{0xff}, size-2)...)
	return append(unit, 0x80)
}
