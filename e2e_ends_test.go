package main

import (
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/session"
)

// TestPublisherLeavesAndReturns: one ffmpeg player sees both parts of a stream, without being told that it ended in
// between, and times go on.
func TestPublisherLeavesAndReturns(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 1s", simple)
	dir := t.TempDir()
	url := s.url("live/abc")
	ours := watch(t, url)
	fromFFmpeg, fromDump := filepath.Join(dir, "ffmpeg.flv"), filepath.Join(dir, "rtmpdump.flv")
	player := ffmpegRecords(t, url, fromFFmpeg, "-t", "30")
	dump := rtmpdumpRecords(t, url, fromDump)
	eventually(t, "the viewers are there", func() bool { return len(s.logged("viewer started")) == 3 })

	publishFile(t, must(t, sourceFile), url, "-t", "2").succeeds(patience)
	first := ours.got()
	parts := len(videoOf(first))
	require.Positive(t, parts)
	publishFile(t, must(t, sourceFile), url, "-t", "2").succeeds(patience)
	player.succeeds(patience) // at NetStream.Play.UnpublishNotify, return_timeout after the second part
	dump.succeeds(patience)

	both := ours.got()
	require.Len(t, videoOf(both), 2*parts, "both parts in full")
	sent := source(t)
	for i, p := range videoOf(both) {
		require.Equal(t, sent[indexOfBody(sent, p)].cts, p.cts, "packet %d", i)
		require.Equal(t, videoOf(sent)[i%parts].body, p.body, "packet %d", i)
	}
	requireTimesNeverGoBack(t, "our viewer", both)
	for _, file := range []string{fromFFmpeg, fromDump} {
		requireTimesNeverGoBack(t, file, readFLV(t, file))
		requireSame(t, file, videoOf(both), videoOf(readFLV(t, file)))
		requireSame(t, file, audioOf(both), audioOf(readFLV(t, file)))
	}
	eventually(t, "our viewer is told that the stream returned, and at last that it ended", func() bool {
		codes := ours.statuses()
		return slices.Contains(codes, session.CodePlayPublishNotify) && codes[len(codes)-1] == session.CodePlayUnpublishNotify
	})
	require.False(t, ours.gone(), "viewers stay")
}

func indexOfBody(list []packet, p packet) int {
	return slices.IndexFunc(list, func(q packet) bool { return q.kind == p.kind && slices.Equal(q.body, p.body) })
}

// TestPublisherIsKilled covers an encoder that dies without a word: the key is free at once, and viewers go on with the
// next publisher.
func TestPublisherIsKilled(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	url := s.url("live/k")
	v := watch(t, url)
	publisher := publishFile(t, must(t, sourceFile), url)
	v.waitVideo(20)
	publisher.signal(syscall.SIGKILL)
	publisher.wait(patience)
	eventually(t, "the server has noticed", func() bool { return len(s.logged("publisher stopped")) == 1 })
	before := len(videoOf(v.got()))

	f := feed(t, url)
	f.send(30)
	v.waitVideo(before + 30)
	got := v.got()
	requireTimesNeverGoBack(t, "viewer", got)
	after := videoOf(got)[before:]
	require.True(t, after[0].key, "the new stream begins with a key frame")
	for i, p := range after {
		require.Equal(t, videoOf(f.sent)[i].body, p.body, "packet %d", i)
		require.Equal(t, videoOf(f.sent)[i].dts-videoOf(f.sent)[0].dts, p.dts-after[0].dts, "packet %d", i)
	}
}

// TestDeadPublisherIsRemoved covers an encoder whose machine hangs: its connection stays open and answers no ping. After
// publish_timeout another publisher may take the key.
func TestDeadPublisherIsRemoved(t *testing.T) {
	t.Parallel()
	s := startServer(t, "publish_timeout 3s", simple)
	url := s.url("live/k")
	v := watch(t, url)
	publisher := publishFile(t, must(t, sourceFile), url)
	v.waitVideo(10)
	publisher.signal(syscall.SIGSTOP)
	_, err := tryFeed(t, url)
	var refused *session.RefusedError
	require.ErrorAs(t, err, &refused, "as long as the publisher may be alive")
	require.Equal(t, session.CodePublishBadName, refused.Code)

	var next *feeder
	eventually(t, "the dead publisher is removed", func() bool {
		next, err = tryFeed(t, url)
		return err == nil
	})
	before := len(videoOf(v.got()))
	eventually(t, "the viewer sees the new publisher", func() bool {
		next.send(1)
		return len(videoOf(v.got())) > before
	})
	first := videoOf(v.got())[before]
	require.True(t, first.key, "%v", first)
	missed := indexOfBody(videoOf(next.sent), first) // while the server still took leave of the dead one
	require.GreaterOrEqual(t, missed, 0)

	publisher.signal(syscall.SIGCONT) // it finds its connection closed and must not disturb the new one
	require.NotZero(t, publisher.wait(patience))
	next.send(25)
	v.waitVideo(before + len(videoOf(next.sent)) - missed)
	require.False(t, v.gone())
	require.True(t, next.alive())
}

// TestSilentPublisherAnswersPings covers a publisher that has nothing to send but is alive: it stays.
func TestSilentPublisherAnswersPings(t *testing.T) {
	t.Parallel()
	s := startServer(t, "publish_timeout 3s", simple)
	f := feed(t, s.url("live/k"))
	v := watch(t, s.url("live/k"))
	f.begin(v)
	quiet := time.NewTimer(7 * time.Second) // the time is what is tested: more than twice publish_timeout
	select {
	case <-quiet.C:
	case <-f.publisher.Done():
		t.Fatalf("the publisher was removed: %v", f.publisher.Err())
	}
	f.send(20)
	v.waitAll(f.sent)
}

// TestStopInOrder: on SIGTERM everybody is told, and the server ends with exit code 0.
func TestStopInOrder(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	url := s.url("live/k")
	publisher := publishFile(t, must(t, sourceFile), url)
	ours := watch(t, url)
	dump := rtmpdumpRecords(t, url, filepath.Join(t.TempDir(), "dump.flv"))
	idle := newRawPeer(t, s.address())
	ours.waitVideo(10)
	eventually(t, "rtmpdump is there", func() bool { return len(s.logged("viewer started")) == 2 })
	began := time.Now()
	s.signal(syscall.SIGTERM)
	require.Zero(t, s.wait(patience), "exit code")
	require.Less(t, time.Since(began), 10*time.Second)
	requireDone(t, "our viewer", ours.done)
	idle.requireClosed()
	require.NotZero(t, publisher.wait(patience), "the publisher sees that its stream was cut")
	dump.wait(patience)
	require.NotEmpty(t, s.logged("stopped"))
}

// TestStopEndsFFmpegs: the ffmpegs of a stream that lives end with the server, in order.
func TestStopEndsFFmpegs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path=`+dir+` duration=1
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=live stream_key=* port={port}
}`)
	publishOn(t, s.url("live/k"))
	watch(t, s.url("live/k")).waitVideo(25)
	list := filepath.Join(dir, "k.m3u8")
	eventually(t, "there is a segment", func() bool { return readPlaylist(t, list).segments() > 0 })
	s.signal(syscall.SIGTERM)
	require.Zero(t, s.wait(patience), "exit code")
	require.Len(t, s.ffmpegs(), 2)
	for _, f := range s.ffmpegs() {
		require.Equal(t, syscall.ESRCH, syscall.Kill(f.pid, 0), "an ffmpeg is left")
	}
	require.True(t, readPlaylist(t, list).ended, "the end mark")
}

// TestInterrupt is the same with Ctrl+C and nobody connected.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	s.signal(syscall.SIGINT)
	require.Zero(t, s.wait(patience))
}
