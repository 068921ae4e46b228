package ffmpeg

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// progressArguments is what every list ends with beyond the one of mmids, the reference.
const progressArguments = " -progress pipe:1"

// TestCommandPerStep compares the arguments for each step with those of mmids, the reference.
func TestCommandPerStep(t *testing.T) {
	feed := func(app string) string { return "rtmp://localhost/" + app + "/SID" }
	tests := map[string]struct {
		job  Job
		want string
	}{
		"ffmpeg_pull": {
			Job{
				RealTime: true, Input: "LOCATION", InputProtocols: "http,tcp",
				Target: FLV{"rtmp://localhost/ffmpeg-pull-ID/STREAM_NAME"}, TargetProtocols: InternalProtocols,
			},
			"-re -protocol_whitelist http,tcp -i LOCATION -vcodec copy -acodec copy -protocol_whitelist rtmp,tcp -f flv rtmp://localhost/ffmpeg-pull-ID/STREAM_NAME -y -nostats",
		},
		"ffmpeg_push": {
			Job{RealTime: true, Input: feed("ffmpeg-rtmp-push-ID"), Target: FLV{"TARGET"}},
			"-re -i rtmp://localhost/ffmpeg-rtmp-push-ID/SID -vcodec copy -acodec copy -f flv TARGET -y -nostats",
		},
		"ffmpeg_hls": {
			Job{RealTime: true, Input: feed("ffmpeg-hls-ID"), Target: HLS{"PATH/NAME.m3u8", 2, 5}},
			"-re -i rtmp://localhost/ffmpeg-hls-ID/SID -vcodec copy -acodec copy" +
				" -f hls -hls_time 2 -hls_list_size 5 -hls_segment_filename PATH/NAME-%d.ts PATH/NAME.m3u8 -y -nostats",
		},
		"ffmpeg_hls that keeps all": {
			Job{RealTime: true, Input: feed("ffmpeg-hls-ID"), Target: HLS{"PATH/NAME.m3u8", 2, 0}},
			"-re -i rtmp://localhost/ffmpeg-hls-ID/SID -vcodec copy -acodec copy" +
				" -f hls -hls_time 2 -hls_list_size 0 -hls_segment_filename PATH/NAME-%d.ts PATH/NAME.m3u8 -y -nostats",
		},
		"ffmpeg_transcode": {
			Job{
				RealTime: true, Input: feed("ffmpeg-transcoder-original-ID"),
				Video: VideoH264, Preset: "veryfast", Scale: Size{1280, 720}, Kbps: 3000, Audio: AudioAAC,
				Target: FLV{feed("ffmpeg-transcoder-result-ID")},
			},
			"-re -i rtmp://localhost/ffmpeg-transcoder-original-ID/SID -vcodec libx264 -preset veryfast" +
				" -b:v 3000K -minrate 3000K -maxrate 3000K -vf scale=1280:720 -acodec aac" +
				" -f flv rtmp://localhost/ffmpeg-transcoder-result-ID/SID -y -nostats",
		},
		"ffmpeg_transcode with key frames": {
			Job{
				RealTime: true, Input: "IN", Video: VideoH264, Preset: "veryfast", Scale: Size{640, 360}, KeyFrameSeconds: 2,
				Target: FLV{"OUT"},
			},
			"-re -i IN -vcodec libx264 -preset veryfast -vf scale=640:360 -force_key_frames expr:gte(t,n_forced*2)" +
				" -acodec copy -f flv OUT -y -nostats",
		},
		"ffmpeg_transcode without bitrate and size": {
			Job{
				RealTime: true, Input: feed("ffmpeg-transcoder-original-ID"), Video: VideoH264, Preset: "medium",
				Target: FLV{feed("ffmpeg-transcoder-result-ID")},
			},
			"-re -i rtmp://localhost/ffmpeg-transcoder-original-ID/SID -vcodec libx264 -preset medium -acodec copy" +
				" -f flv rtmp://localhost/ffmpeg-transcoder-result-ID/SID -y -nostats",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, test.job.Validate())
			require.Equal(t, test.want+progressArguments, strings.Join(test.job.Args(), " "))
		})
	}
}

func TestArgumentsThatAreLeftOut(t *testing.T) {
	job := Job{Input: "in", Audio: AudioAAC, Target: HLS{File: "a.m3u8", SegmentSeconds: 65535, ListSize: -1}}
	require.NoError(t, job.Validate())
	require.Equal(t, "-i in -vcodec copy -acodec aac -f hls -hls_time 65535 -hls_segment_filename a-%d.ts a.m3u8 -y -nostats"+progressArguments,
		strings.Join(job.Args(), " "))
}

// TestArgumentsAreOneEach shows that no value, whatever is in it, becomes more than one argument.
func TestArgumentsAreOneEach(t *testing.T) {
	const odd = "a b\t'c' \"d\"; $(e) `f` | g && h\n-y"
	args := Job{Input: odd, Target: FLV{odd}}.Args()
	require.Equal(t, []string{
		"-i", odd, "-vcodec", "copy", "-acodec", "copy", "-f", "flv", odd, "-y", "-nostats", "-progress", "pipe:1",
	}, args)
}

func TestNoValueBecomesAnOption(t *testing.T) {
	f := func(target Target, want string) {
		t.Helper()
		args := Job{Input: "in", Target: target}.Args()
		require.Equal(t, want, args[len(args)-5])
	}
	f(FLV{"-f"}, "./-f")
	f(FLV{"-"}, "./-")
	f(FLV{"rtmp://host/app/-key"}, "rtmp://host/app/-key")
	require.Equal(t, []string{"-hls_segment_filename", "./-a:b-%d.ts", "./-a:b.m3u8"},
		HLS{File: "-a:b.m3u8"}.arguments()[6:])
	f(HLS{File: "-f.m3u8"}, "./-f.m3u8")
	f(HLS{File: "a:b/c.m3u8"}, "./a:b/c.m3u8")
	f(HLS{File: "a:b.m3u8"}, "./a:b.m3u8")
	f(HLS{File: "-a:b.m3u8"}, "./-a:b.m3u8")
	f(HLS{File: "a/b:c.m3u8"}, "a/b:c.m3u8")
	f(HLS{File: "/a:b/c.m3u8"}, "/a:b/c.m3u8")

	require.Equal(t, []string{"-i", "./-version"}, Job{Input: "-version"}.Args()[:2])
	require.Equal(t, []string{"-i", "./-"}, Job{Input: "-"}.Args()[:2])
}

func TestValidate(t *testing.T) {
	good := Job{Input: "in", Video: VideoH264, Preset: PresetDefault, Target: FLV{"out"}}
	require.NoError(t, good.Validate())
	f := func(wantErr string, change func(*Job)) {
		t.Helper()
		job := good
		change(&job)
		err := job.Validate()
		require.ErrorIs(t, err, ErrJob)
		require.ErrorContains(t, err, wantErr)
	}
	f("it has no input", func(j *Job) { j.Input = "" })
	f("zero byte", func(j *Job) { j.Input = "a\x00b" })
	f("no target", func(j *Job) { j.Target = nil })
	f("no target", func(j *Job) { j.Target = FLV{} })
	f("no target", func(j *Job) { j.Target = HLS{SegmentSeconds: 1} })
	f("zero byte", func(j *Job) { j.Target = FLV{"\x00"} })
	f("at least 1 second", func(j *Job) { j.Target = HLS{File: "a.m3u8"} })
	f("has a '%'", func(j *Job) { j.Target = HLS{File: "100%/a.m3u8", SegmentSeconds: 1} })
	f(`no preset "zippy"`, func(j *Job) { j.Preset = "zippy" })
	f(`no preset ""`, func(j *Job) { j.Preset = "" })
	f("no video codec 2", func(j *Job) { j.Video = 2 })
	f("no audio codec 2", func(j *Job) { j.Audio = 2 })
	// Ffmpeg would fail again and again
	f("video that is copied", func(j *Job) { j.Video, j.Scale = VideoCopy, Size{Width: 1} })
	f("video that is copied", func(j *Job) { j.Video, j.Kbps = VideoCopy, 1 })
}
