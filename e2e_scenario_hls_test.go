package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHLS: a playlist for each stream.
func TestHLS(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "by", "the server")
	s := startServer(t, "", `
workflow hls {
    rtmp_receive rtmp_app=publish stream_key=* port={port}
    ffmpeg_hls path="`+dir+`" duration=2 count=5
}`)
	file := func(name string) string { return filepath.Join(dir, name+".m3u8") }
	first, second := publishLong(t, s.url("publish/s1"), 14), publishLong(t, s.url("publish/s2"), 14)
	escaping, err := tryFeed(t, s.url("publish/.."))
	require.NoError(t, err, "a name that cannot be a file's is no reason to refuse the publisher")
	escaping.send(10)
	eventually(t, "both playlists are there", func() bool {
		return len(readPlaylist(t, file("s1")).files) > 0 && len(readPlaylist(t, file("s2")).files) > 0
	})
	require.False(t, readPlaylist(t, file("s1")).ended)
	require.Equal(t, []string{"aac", "h264,160,120"}, probe(t, file("s1")), "while it is live")
	require.True(t, escaping.alive())
	require.Len(t, s.logged("ffmpeg cannot be given the stream"), 1)

	for _, p := range []*process{first, second} {
		p.succeeds(patience)
	}
	s.waitChildren("no ffmpeg is left", 0)
	for _, name := range []string{"s1", "s2"} {
		list := readPlaylist(t, file(name))
		require.True(t, list.ended, "the end mark")
		require.Len(t, list.files, 5, "the newest five")
		require.GreaterOrEqual(t, list.segments(), 6)
		list.requireSegments(t, 2)
		require.Equal(t, []string{"aac", "h264,160,120"}, probe(t, file(name)))
		require.Greater(t, decode(t, file(name)), 4*2*25)
	}
	outside, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	require.Len(t, outside, 1, "nothing is written outside the folder")
}

// TestHLSAddedAndRemoved: HLS comes into a running workflow and goes again. Nobody is disconnected, no
// packet is lost or changed, and the steps that stay are the same.
func TestHLSAddedAndRemoved(t *testing.T) {
	t.Parallel()
	const plain = `
workflow live {
    rtmp_receive rtmp_app=read  stream_key=* port={port}
    rtmp_watch   rtmp_app=watch stream_key=* port={port}
}`
	dir := t.TempDir()
	withHLS := `
workflow live {
    rtmp_receive rtmp_app=read  stream_key=* port={port}
    ffmpeg_hls   path=` + dir + ` duration=1
    rtmp_watch   rtmp_app=watch stream_key=* port={port}
}`
	s := startServer(t, "return_timeout 500ms", plain)
	recorded := filepath.Join(t.TempDir(), "recorded.flv")
	viewer, player := watch(t, s.url("watch/k")), ffmpegRecords(t, s.url("watch/k"), recorded)
	s.waitCame("viewer started", "watch", 2)
	publisher := publishOn(t, s.url("read/k"))
	viewer.waitVideo(10)
	before := s.running("live", 2)

	s.put(withHLS)
	during := s.running("live", 3)
	require.Equal(t, []string{before.ActiveSteps[0].ID, before.ActiveSteps[1].ID},
		[]string{during.ActiveSteps[0].ID, during.ActiveSteps[2].ID}, "the kept steps are the same")
	list := func() playlist { return readPlaylist(t, filepath.Join(dir, "k.m3u8")) }
	eventually(t, "the playlist appears", func() bool { return list().segments() >= 1 })
	eventually(t, "the playlist grows", func() bool { return list().segments() >= 3 })
	require.False(t, list().ended)

	s.put(plain)
	require.Equal(t, before, s.running("live", 2))
	s.waitChildren("no ffmpeg is left", 0)
	ended := list()
	require.True(t, ended.ended, "the end mark")
	ended.requireSegments(t, 1)
	require.Positive(t, decode(t, filepath.Join(dir, "k.m3u8")))

	viewer.waitVideo(len(videoOf(viewer.got())) + 50)
	endPublishing(publisher)
	player.succeeds(patience)
	require.Equal(t, ended, list(), "the playlist grows no more")
	got := viewer.got()
	requireRun(t, "the viewer", long(t), got)
	require.Equal(t, videoOf(long(t))[0], videoOf(got)[0], "from the first packet on")
	requireWhole(t, "ffmpeg", got, readFLV(t, recorded))
	require.Len(t, s.came("publisher started", "read"), 1)
	require.Len(t, s.came("viewer started", "watch"), 2)
	require.False(t, viewer.gone())
}
