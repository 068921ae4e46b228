package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func portText(port int) string { return strconv.Itoa(port) }

// TestArguments: a script takes the place of ffmpeg and writes down what it is given.
func TestArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recorder, err := filepath.Abs(filepath.Join(dir, "recorder"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(recorder, []byte(`#!/bin/sh
printf '%s\n' "$@" > "`+dir+`/$$.part" && mv "`+dir+`/$$.part" "`+dir+`/$$.arguments"
exec sleep 600
`), 0o700))
	s := startServer(t, "ffmpeg_path "+recorder, `
workflow push {
    rtmp_receive rtmp_app=push stream_key=* port={port}
    workflow_forwarder target_workflow=twin
    ffmpeg_push target=rtmp://192.0.2.1/live/out?token=a&b
}
workflow twin { # the same step with the same stream
    ffmpeg_push target=rtmp://192.0.2.1/live/out?token=a&b
}
workflow hls {
    rtmp_receive rtmp_app=hls stream_key=* port={port}
    ffmpeg_hls path="`+dir+`/h l s" duration=3 count=7
    ffmpeg_hls path="`+dir+`/all" stream_name=news
}
workflow transcode {
    rtmp_receive rtmp_app=transcode stream_key=* port={port}
    ffmpeg_transcode vcodec=h264 acodec=aac h264_preset=medium size=640x360 kbps=800 key_frame_seconds=2
}
workflow plain {
    rtmp_receive rtmp_app=plain stream_key=* port={port}
    ffmpeg_transcode vcodec=copy acodec=copy
}
workflow pull {
    ffmpeg_pull location="/films/a film.flv" stream_name=film
}`)
	var publishers []*feeder
	for _, app := range []string{"push", "hls", "transcode", "plain"} {
		publishers = append(publishers, feed(t, s.url(app+"/k")))
	}
	var files []string
	eventually(t, "seven processes have been given their arguments", func() bool {
		files, _ = filepath.Glob(filepath.Join(dir, "*.arguments"))
		return len(files) == 7
	})
	// Addresses of the server's own port, as [prefix of the app]/[key], where ids are replaced.
	own := regexp.MustCompile(`rtmp://127\.0\.0\.1:\d+/([a-z-]+)-\d+-` + uuidPattern + `/(` + uuidPattern + `|film)`)
	var got []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		line := strings.Join(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), "|")
		line = own.ReplaceAllStringFunc(line, func(url string) string {
			parts := own.FindStringSubmatch(url)
			if parts[2] != "film" {
				parts[2] = "SID"
			}
			return "[" + parts[1] + "/" + parts[2] + "]"
		})
		got = append(got, strings.ReplaceAll(line, dir, "DIR"))
	}
	slices.Sort(got)
	const internal = "|-protocol_whitelist|rtmp,tcp"
	const network = "|-protocol_whitelist|http,https,rist,rtmp,rtmpe,rtmps,rtmpt,rtmpte,rtmpts,rtp,rtsp,rtsps,srt,tcp,tls,udp," +
		"crypto,ffrtmpcrypt,ffrtmphttp,httpproxy"
	const end = "|-y|-nostats|-progress|pipe:1"
	want := []string{
		"-re" + internal + "|-i|[ffmpeg-rtmp-push/SID]|-vcodec|copy|-acodec|copy" + network + "|-f|flv|rtmp://192.0.2.1/live/out?token=a&b" + end,
		"-re" + internal + "|-i|[ffmpeg-rtmp-push/SID]|-vcodec|copy|-acodec|copy" + network + "|-f|flv|rtmp://192.0.2.1/live/out?token=a&b" + end,
		"-re" + internal + "|-i|[ffmpeg-hls/SID]|-vcodec|copy|-acodec|copy|-protocol_whitelist|file|-f|hls|-hls_time|3|-hls_list_size|7|-hls_segment_filename|DIR/h l s/k-%d.ts|DIR/h l s/k.m3u8" + end,
		"-re" + internal + "|-i|[ffmpeg-hls/SID]|-vcodec|copy|-acodec|copy|-protocol_whitelist|file|-f|hls|-hls_time|2|-hls_list_size|0|-hls_segment_filename|DIR/all/news-%d.ts|DIR/all/news.m3u8" + end,
		"-re" + internal + "|-i|[ffmpeg-transcoder-original/SID]|-vcodec|libx264|-preset|medium|-b:v|800K|-minrate|800K|-maxrate|800K" +
			"|-vf|scale=640:360|-force_key_frames|expr:gte(t,n_forced*2)|-acodec|aac" + internal + "|-f|flv|[ffmpeg-transcoder-result/SID]" + end,
		"-re" + internal + "|-i|[ffmpeg-transcoder-original/SID]|-vcodec|copy|-acodec|copy" + internal + "|-f|flv|[ffmpeg-transcoder-result/SID]" + end,
		"-re|-protocol_whitelist|file,crypto|-i|/films/a film.flv|-vcodec|copy|-acodec|copy" + internal + "|-f|flv|[ffmpeg-pull/film]" + end,
	}
	slices.Sort(want)
	require.Equal(t, want, got)
	require.DirExists(t, filepath.Join(dir, "h l s"))
	require.NotContains(t, s.output.String(), "token=a")

	for _, p := range publishers {
		p.stop()
	}
	s.waitChildren("the processes of streams that have ended are gone", 1)
	s.delete("pull")
	s.waitChildren("no process is left", 0)
}

const uuidPattern = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// TestFFmpegIsKilled: an ffmpeg that dies is replaced, and viewers of what it makes stay.
func TestFFmpegIsKilled(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch   rtmp_app=original stream_key=* port={port}
    ffmpeg_transcode vcodec=h264 acodec=aac h264_preset=ultrafast size=96x72
    rtmp_watch   rtmp_app=small stream_key=* port={port}
}`)
	original, small := watch(t, s.url("original/k")), watch(t, s.url("small/k"))
	publisher := publishOn(t, s.url("live/k"))
	small.waitVideo(25)
	first := s.ffmpegs()
	require.Len(t, first, 1)
	require.NoError(t, syscall.Kill(first[0].pid, syscall.SIGKILL))
	killed := time.Now()
	eventuallyIn(t, 6*time.Second, "another ffmpeg is started", func() bool { return len(s.ffmpegs()) == 2 })
	t.Logf("another ffmpeg was started after %v", time.Since(killed).Round(time.Millisecond))
	second := s.ffmpegs()[1]
	require.Equal(t, first[0].ffmpeg, second.ffmpeg)
	require.Equal(t, first[0].stream, second.stream)
	require.Equal(t, first[0].arguments, second.arguments)
	n := len(videoOf(small.got()))
	got := small.waitVideo(n + 25)
	requireTimesNeverGoBack(t, "the viewer of what ffmpeg makes", got)
	require.False(t, small.gone())
	require.Equal(t, []string{"aac", "h264,96,72"}, probe(t, s.url("small/k")))
	requireRun(t, "the viewer of the original", long(t), original.got())
	log, err := os.ReadFile(s.ffmpegLog(second.ffmpeg))
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(log), "ffmpeg starts ====="), "one log file for both runs")
	var exit any
	for _, line := range s.logged("ffmpeg stopped") {
		exit = line["exit"]
	}
	require.Equal(t, "signal: killed", exit)

	deleted := time.Now()
	s.delete("live")
	s.waitChildren("no ffmpeg is left, and no zombie", 0)
	require.Less(t, time.Since(deleted), 6*time.Second)
	require.NotZero(t, publisher.wait(patience))
}

// TestFFmpegGoesWithTheServer covers a server that is killed: its children do not outlive it.
func TestFFmpegGoesWithTheServer(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path=`+t.TempDir()+`
}`)
	publishOn(t, s.url("live/k"))
	eventually(t, "ffmpeg is running", func() bool { return len(s.ffmpegs()) == 1 })
	s.told = true // do not check how it ends
	s.signal(syscall.SIGKILL)
	<-s.done
	eventually(t, "ffmpeg is gone", func() bool { return syscall.Kill(s.ffmpegs()[0].pid, 0) == syscall.ESRCH })
}

// TestNoFFmpeg runs all steps that need ffmpeg without one. Publishing and watching are not touched, the log says what to
// do, and when ffmpeg is there at last it is used.
func TestNoFFmpeg(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	executable := filepath.Join(dir, "ffmpeg")
	s := startServer(t, "ffmpeg_path "+executable, `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path=`+dir+`
    ffmpeg_push target=rtmp://127.0.0.1/nowhere/k
    rtmp_watch rtmp_app=live stream_key=* port={port}
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=copied stream_key=* port={port}
}
workflow pull {
    ffmpeg_pull location=`+must(t, longFile)+` stream_name=k
}`)
	viewer, copied := watch(t, s.url("live/k")), watch(t, s.url("copied/k"))
	publishOn(t, s.url("live/k"))
	viewer.waitVideo(50)
	s.running("live", 6)
	s.running("pull", 1)
	complaints := s.logged("ffmpeg could not be started")
	require.GreaterOrEqual(t, len(complaints), 4)
	for _, line := range complaints {
		require.Contains(t, line["error"], "apt-get install ffmpeg")
		require.Contains(t, line["error"], "ffmpeg_path")
		require.NotEmpty(t, line["restart_in"])
	}
	require.Empty(t, copied.got())
	answer := s.request("GET", "/workflows/live", "").body
	require.Equal(t, 3, strings.Count(answer, `"error":"ffmpeg not found: `), "the API says so too: %s", answer)
	require.Contains(t, answer, `apt-get install ffmpeg`)

	there := startProcess(t, "sh", "-c", `ln -s "$(command -v ffmpeg)" "$0"`, executable)
	there.succeeds(patience)
	copied.waitVideo(10)
	eventually(t, "the API has no complaint any more", func() bool {
		answer := s.request("GET", "/workflows/live", "").body
		return strings.Count(answer, `"error"`) == 1 // of the target that is not there
	})
	requireRun(t, "the viewer of the copy", long(t), copied.got())
	requireRun(t, "the viewer", long(t), viewer.got())
}
