package step

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
	"mmids/ffmpeg"
)

func TestMistakes(t *testing.T) {
	own := ffmpeg.Protocols{Files: true}
	kinds := map[string]workflow.Kind{
		PushType: Push(nil, nil, own), HLSType: HLS(nil, nil), TranscodeType: Transcode(nil, nil), PullType: Pull(nil, nil, own),
	}
	f := func(line string, want ...string) {
		t.Helper()
		step := workflowtest.Step(t, line)
		var got []string
		for _, m := range kinds[step.Type].Check(step) {
			m.Pos = config.Pos{}
			got = append(got, strings.TrimPrefix(m.Error(), step.Type+": "))
		}
		require.Equal(t, want, got, line)
	}
	f("ffmpeg_push target=rtmp://h/a/k")
	f("ffmpeg_push", "target is missing; for example target=rtmp://example.com/app/key")
	f("ffmpeg_push target", "target is missing; for example target=rtmp://example.com/app/key")
	f(`ffmpeg_push target=" "`, "target is empty; for example target=rtmp://example.com/app/key")

	f("ffmpeg_hls path=/tmp/x")
	f("ffmpeg_hls path=/tmp/x duration=65535 count=65535 stream_name=news")
	f("ffmpeg_hls", "path is missing; for example path=/var/www/live")
	f("ffmpeg_hls path=/tmp/x duration=0", `duration: "0" is not the length of a segment in seconds; it is a whole number from 1 to 65535`)
	f("ffmpeg_hls path=/tmp/x count=-1", `count: "-1" is not a number of segments; it is a whole number from 0 to 65535`)
	require.Len(t, kinds[HLSType].Check(workflowtest.Step(t, "ffmpeg_hls path=/tmp/x stream_name=../x")), 1)

	f("ffmpeg_transcode vcodec=copy acodec=copy")
	f("ffmpeg_transcode vcodec=H264 acodec=AAC h264_preset=slow size=640x480 kbps=800 key_frame_seconds=2")
	f("ffmpeg_transcode", "vcodec is missing; for example vcodec=h264 or vcodec=copy", "acodec is missing; for example acodec=aac or acodec=copy")
	f("ffmpeg_transcode vcodec=vp9 acodec=mp3 size=640X480 kbps=many h264_preset=quick key_frame_seconds=0",
		`vcodec: "vp9" is not a video codec; there are copy and h264`,
		`acodec: "mp3" is not an audio codec; there are copy and aac`,
		`h264_preset: "quick" is not a preset; there are ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow`,
		`size: "640X480" is not a size; it is width and height up to 65535, for example 1280x720`,
		`kbps: "many" is not a bitrate in kbit/s; it is a whole number from 0 to 65535`,
		`key_frame_seconds: "0" is not the time between key frames in seconds; it is a whole number from 1 to 65535`)
	f("ffmpeg_transcode vcodec=copy acodec=aac size=640x480 kbps=5 key_frame_seconds=2",
		"size means nothing for video that is copied; use vcodec=h264, or leave size out",
		"kbps means nothing for video that is copied; use vcodec=h264, or leave kbps out",
		"key_frame_seconds means nothing for video that is copied; use vcodec=h264, or leave key_frame_seconds out")

	f("ffmpeg_pull location=/tmp/x.flv stream_name=p")
	f("ffmpeg_pull", "location is missing; for example location=rtmp://example.com/app/key", "stream_name is missing; for example stream_name=news")
	const protocols = "it has to be one of http, https, rist, rtmp, rtmpe, rtmps, rtmpt, rtmpte, rtmpts, rtp, rtsp, rtsps, srt, tcp, tls, udp"
	f("ffmpeg_pull location=concat:a|b stream_name=p", `location: the protocol "concat" is not allowed; `+protocols+
		"; for example location=rtmp://example.com/app/key; the setting ffmpeg_protocols allows others")
	f("ffmpeg_push target=tee:a|b", `target: the protocol "tee" is not allowed; `+protocols+
		"; for example target=rtmp://example.com/app/key; the setting ffmpeg_protocols allows others")
	for _, name := range []string{"a/b", "a?b", "a b", "*", "a\x1bb", "a\u009bb"} {
		f(`ffmpeg_pull location=x stream_name="`+name+`"`,
			fmt.Sprintf("stream_name %q cannot be a stream key; use a name without / ? and blanks", name))
	}
}

// TestReactorsGetNoFurtherProtocols: what the operator's own definitions may use is not for what a reactor answers.
func TestReactorsGetNoFurtherProtocols(t *testing.T) {
	allowed := ffmpeg.Protocols{Files: true, Further: []string{"concat", "tee", "pipe"}}
	kinds := map[string]workflow.Kind{PushType: Push(nil, nil, allowed), PullType: Pull(nil, nil, allowed)}
	for line, want := range map[string]string{
		"ffmpeg_pull location=/etc/passwd stream_name=p":               "local files are not allowed",
		"ffmpeg_pull location=file:///etc/passwd stream_name=p":        "local files are not allowed",
		"ffmpeg_pull location=concat:/etc/passwd|b.ts stream_name=p":   `"concat" is not allowed`,
		"ffmpeg_push target=pipe:1":                                    `"pipe" is not allowed`,
		"ffmpeg_push target=tee:rtmp://h/a/k|/etc/cron.d/x":            `"tee" is not allowed`,
		"ffmpeg_push target=/etc/cron.d/x":                             "local files are not allowed",
		"ffmpeg_push target=gopher://127.0.0.1:9011/_PUT%20/workflows": `"gopher" is not allowed`,
	} {
		step := workflowtest.Step(t, line)
		_, _, err := kinds[step.Type].New(step, workflow.Env{FromReactor: true})
		require.ErrorContains(t, err, want, line)
		if !strings.Contains(line, "gopher") {
			require.Empty(t, kinds[step.Type].Check(step), "the operator may: "+line)
		}
	}
}
