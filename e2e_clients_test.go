package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// publishFile publishes a file with ffmpeg as it is, in real time.
func publishFile(t testing.TB, file, url string, more ...string) *process {
	t.Helper()
	args := append([]string{"-nostdin", "-v", "error", "-re", "-i", file}, more...)
	return startProcess(t, "ffmpeg", append(args, "-c", "copy", "-f", "flv", url)...)
}

// ffmpegRecords records a stream with ffmpeg as it comes. Time stamps are not touched.
func ffmpegRecords(t testing.TB, url, file string, more ...string) *process {
	t.Helper()
	args := append([]string{"-nostdin", "-v", "error", "-y", "-copyts", "-i", url}, more...)
	return startProcess(t, "ffmpeg", append(args, "-c", "copy", "-flush_packets", "1", "-f", "flv", file)...)
}

func rtmpdumpRecords(t testing.TB, url, file string) *process {
	t.Helper()
	return startProcess(t, "rtmpdump", "-q", "-v", "-r", url, "-o", file)
}

// gstreamerRecords writes what rtmp2src gets, which is FLV already. It does not end by itself.
func gstreamerRecords(t testing.TB, url, file string) *process {
	t.Helper()
	return startProcess(t, "gst-launch-1.0", "-q", "rtmp2src", "location="+url, "!", "filesink", "buffer-mode=unbuffered", "location="+file)
}

// gstreamerSends takes the source apart with GStreamer and muxes it anew into a sink.
func gstreamerSends(t testing.TB, sink ...string) *process {
	t.Helper()
	return startProcess(t, "gst-launch-1.0", append([]string{"-q",
		"filesrc", "location=" + must(t, sourceFile), "!", "flvdemux", "name=d", "flvmux", "name=m", "streamable=true",
		"d.video", "!", "queue", "!", "h264parse", "!", "m.video", "d.audio", "!", "queue", "!", "aacparse", "!", "m.audio",
		"m.", "!"}, sink...)...)
}

// TestEveryPacketArrives, with every client that we have: ffmpeg publishes a file with B-frames, viewers
// come before it and in the middle, and each recording is compared with the file packet by packet.
func TestEveryPacketArrives(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 1s", simple)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name+".flv") }
	url := s.url("live/abc")
	sent := source(t)

	early := watch(t, url)
	silent := watch(t, s.url("live/other"))
	ffmpegEarly := ffmpegRecords(t, url, file("ffmpeg-early"))
	rtmpdumpEarly := rtmpdumpRecords(t, url, file("rtmpdump-early"))
	gstreamerEarly := gstreamerRecords(t, url, file("gstreamer-early"))
	eventually(t, "all viewers are there", func() bool { return len(s.logged("viewer started")) == 5 })

	publisher := publishFile(t, must(t, sourceFile), url)
	early.waitVideo(sourceGOP + sourceGOP/2)
	ffmpegLate := ffmpegRecords(t, url, file("ffmpeg-late"))
	rtmpdumpLate := rtmpdumpRecords(t, url, file("rtmpdump-late"))
	gstreamerLate := gstreamerRecords(t, url, file("gstreamer-late"))
	late := watch(t, url)
	probed := time.Now()
	probe := startProcess(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", url)
	second := publishFile(t, must(t, otherFile), url)

	require.NotZero(t, second.wait(patience), "a second publisher is refused")
	probe.succeeds(patience)
	t.Logf("ffprobe took %v", time.Since(probed).Round(time.Millisecond))
	require.Equal(t, []string{"aac", "h264,320,240"}, sortedLines(probe.output.String()))

	publisher.succeeds(patience)
	requireSame(t, "our viewer, early, in the order of arrival", sent, early.waitAll(sent))
	requireFromKeyFrame(t, "our viewer, late", sent, late.waitAll(sent))
	require.Empty(t, silent.got(), "a viewer of another key")
	for name, p := range map[string]*process{"ffmpeg-early": ffmpegEarly, "rtmpdump-early": rtmpdumpEarly} {
		p.succeeds(patience) // at NetStream.Play.UnpublishNotify
		requireWhole(t, name, sent, readFLV(t, file(name)))
	}
	for name, p := range map[string]*process{"ffmpeg-late": ffmpegLate, "rtmpdump-late": rtmpdumpLate} {
		p.succeeds(patience)
		requireFromKeyFrame(t, name, sent, readFLV(t, file(name)))
	}
	finishGStreamer(t, gstreamerEarly, file("gstreamer-early"), sent)
	requireWhole(t, "gstreamer-early", sent, readFLV(t, file("gstreamer-early")))
	finishGStreamer(t, gstreamerLate, file("gstreamer-late"), sent)
	requireFromKeyFrame(t, "gstreamer-late", sent, readFLV(t, file("gstreamer-late")))
}

// finishGStreamer waits until the last packets have been written and stops the recording.
func finishGStreamer(t testing.TB, p *process, file string, sent []packet) {
	t.Helper()
	video, audio := videoOf(sent), audioOf(sent)
	eventually(t, "GStreamer has written everything", func() bool {
		got := readFLV(t, file)
		return indexOf(got, video[len(video)-1]) >= 0 && indexOf(got, audio[len(audio)-1]) >= 0
	})
	p.signal(syscall.SIGINT)
	p.wait(patience)
}

func sortedLines(text string) []string {
	lines := strings.Fields(text)
	if len(lines) > 1 && lines[0] > lines[1] {
		lines[0], lines[1] = lines[1], lines[0]
	}
	return lines
}

// TestGStreamerPublishes compares what viewers get with what the same pipeline writes into a file.
func TestGStreamerPublishes(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 500ms\nviewer_lag 1m", simple) // as fast as it can, so far ahead of a viewer in stream time
	dir := t.TempDir()
	reference := filepath.Join(dir, "reference.flv")
	gstreamerSends(t, "filesink", "location="+reference).succeeds(patience)
	sent := readFLV(t, reference)
	require.Len(t, videoOf(sent), sourceFrames)

	ours := watch(t, s.url("live/gst"))
	recorded := filepath.Join(dir, "recorded.flv")
	ffmpeg := ffmpegRecords(t, s.url("live/gst"), recorded)
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	gstreamerSends(t, "rtmp2sink", "location="+s.url("live/gst")).succeeds(patience)
	requireWhole(t, "our viewer", sent, ours.waitAll(sent))
	ffmpeg.succeeds(patience)
	requireWhole(t, "ffmpeg", sent, readFLV(t, recorded))
}

// TestLateViewerSeesAPictureAtOnce joins in the middle of a group of pictures of a publisher that then sends nothing: what
// the viewer gets can only be what was there.
func TestLateViewerSeesAPictureAtOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	f := feed(t, s.url("live/k"))
	early := watch(t, s.url("live/k"))
	f.send(2*sourceGOP + 10)
	early.waitAll(f.sent)

	late := watch(t, s.url("live/k"))
	first := requireFromKeyFrame(t, "late viewer", f.sent, late.waitAll(f.sent))
	require.Equal(t, videoOf(f.sent)[2*sourceGOP].dts, first.dts, "the newest key frame")
	require.Len(t, videoOf(late.got()), 10)
}

// TestLateViewersGetMetadata checks that the description of a stream reaches those who come early and late.
func TestLateViewersGetMetadata(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	publisher := publishFile(t, must(t, sourceFile), s.url("live/k"))
	early := watch(t, s.url("live/k"))
	early.waitVideo(30)
	late := watch(t, s.url("live/k"))
	late.waitVideo(1)
	for _, v := range []*viewer{early, late} {
		found := false
		for _, m := range v.data() {
			found = found || strings.Contains(string(m.Payload), "onMetaData") && strings.Contains(string(m.Payload), "width")
		}
		require.True(t, found, "onMetaData with a width")
	}
	_ = publisher.cmd.Process.Kill()
}

// TestDecodesWithoutErrors lets ffmpeg decode what it records, late and early: no complaint may be printed.
func TestDecodesWithoutErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 500ms", simple)
	decode := func() *process {
		return startProcess(t, "ffmpeg", "-nostdin", "-v", "warning", "-i", s.url("live/k"), "-f", "null", "-")
	}
	ours, early := watch(t, s.url("live/k")), decode()
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	publisher := publishFile(t, must(t, sourceFile), s.url("live/k"), "-t", "4")
	ours.waitVideo(sourceGOP + 12)
	late := decode()
	publisher.succeeds(patience)
	for _, p := range []*process{early, late} {
		p.succeeds(patience)
		require.Empty(t, p.output.String())
	}
}

// TestIPv6 publishes and watches on ::1, where there is one.
func TestIPv6(t *testing.T) {
	t.Parallel()
	if interfaces, err := os.ReadFile("/proc/net/if_inet6"); err != nil || !strings.Contains(string(interfaces), "00000000000000000000000000000001") {
		t.Log("this machine has no IPv6 loopback address: nothing to test")
		return
	}
	s := startServerOn(t, "::1", "return_timeout 500ms", `
workflow simple {
    rtmp_receive rtmp_app=live stream_key=* port={port} allow_ips=::1
    rtmp_watch   rtmp_app=live stream_key=* port={port} deny_ips=2001:db8::/32,127.0.0.0/8
}`)
	v := watch(t, s.url("live/six"))
	recorded := filepath.Join(t.TempDir(), "six.flv")
	ffmpeg := ffmpegRecords(t, s.url("live/six"), recorded)
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	publishFile(t, must(t, sourceFile), s.url("live/six"), "-t", "2").succeeds(patience)
	ffmpeg.succeeds(patience)
	got := readFLV(t, recorded)
	requireWhole(t, "ffmpeg", v.got(), got)
	sent := source(t)
	requireSame(t, "our viewer", videoOf(sent)[:len(videoOf(got))], videoOf(v.got()))
	require.GreaterOrEqual(t, len(videoOf(got)), 2*25-3, "-t 2 cuts at presentation time")
}
