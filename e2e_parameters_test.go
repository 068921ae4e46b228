package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParametersByAPI hands over each step with each of its parameters missing or wrong. The answer names the parameter and the
// line, says what would be right where that is not obvious, and no workflow comes of it.
func TestParametersByAPI(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", "")
	for _, c := range []struct{ step, message, hint string }{
		{"rtmp_receive stream_key=*", "rtmp_receive: rtmp_app is missing", "for example rtmp_app=live"},
		{`rtmp_receive rtmp_app="" stream_key=*`, "rtmp_receive: rtmp_app is empty", "for example rtmp_app=live"},
		{"rtmp_receive rtmp_app=live", "rtmp_receive: stream_key is missing", "for example stream_key=* for any key"},
		{"rtmp_receive rtmp_app=live stream_key", "rtmp_receive: stream_key is missing", "for example stream_key=* for any key"},
		{"rtmp_receive rtmp_app=live stream_key=* port=70000", `rtmp_receive: port "70000" is not a port number`, "a whole number from 1 to 65535"},
		{"rtmp_receive rtmp_app=live stream_key=* port=0", `rtmp_receive: port "0" is not a port number`, "a whole number from 1 to 65535"},
		{"rtmp_receive rtmp_app=live stream_key=* allow_ips=10.1", `rtmp_receive: allow_ips: "10.1" is neither an address`, "allow_ips=192.0.2.7"},
		{"rtmp_receive rtmp_app=live stream_key=* allow_ips", "rtmp_receive: allow_ips names no address", "allow_ips=192.0.2.7"},
		{"rtmp_receive rtmp_app=live stream_key=* deny_ips=10.0.0.0/33", `rtmp_receive: deny_ips: "10.0.0.0/33" is neither an address`, "deny_ips=192.0.2.7"},
		{"rtmp_receive rtmp_app=live stream_key=* allow_ips=10.0.0.1 deny_ips=10.0.0.2", "rtmp_receive: allow_ips and deny_ips exclude each other", "keep one"},
		{"rtmp_receive rtmp_app=live stream_key=* reactor", "rtmp_receive: reactor names no reactor", "for example reactor=lookup"},
		{"rtmp_watch stream_key=*", "rtmp_watch: rtmp_app is missing", "for example rtmp_app=live"},
		{"rtmp_watch rtmp_app=live", "rtmp_watch: stream_key is missing", "for example stream_key=* for any key"},
		{"rtmp_watch rtmp_app=live stream_key=* port=x", `rtmp_watch: port "x" is not a port number`, "a whole number from 1 to 65535"},
		{"rtmp_watch rtmp_app=live stream_key=* allow_ips=nobody", `rtmp_watch: allow_ips: "nobody" is neither an address`, "allow_ips=192.0.2.7"},
		{"rtmp_watch rtmp_app=live stream_key=* gop_cache=maybe", `rtmp_watch: gop_cache "maybe" is neither on nor off`, "gop_cache=off"},
		{"workflow_forwarder", "workflow_forwarder: neither target_workflow nor reactor says where streams go", "target_workflow=archive"},
		{"workflow_forwarder target_workflow=a reactor=b", "workflow_forwarder: target_workflow and reactor exclude each other", "keep one"},
		{"forward_to_workflow", "forward_to_workflow: neither target_workflow nor reactor says where streams go", "target_workflow=archive"},
		{"ffmpeg_pull stream_name=a", "ffmpeg_pull: location is missing", "for example location="},
		{"ffmpeg_pull location=a.flv", "ffmpeg_pull: stream_name is missing", "for example stream_name=news"},
		{"ffmpeg_pull location=a.flv stream_name=a/b", `ffmpeg_pull: stream_name "a/b" cannot be a stream key`, "use a name without"},
		{"ffmpeg_push", "ffmpeg_push: target is missing", "for example target=rtmp://example.com/app/key"},
		{"ffmpeg_hls duration=2", "ffmpeg_hls: path is missing", "for example path=/var/www/live"},
		{"ffmpeg_hls path=/x duration=0", `ffmpeg_hls: duration: "0" is not the length of a segment in seconds`, ""},
		{"ffmpeg_hls path=/x count=many", `ffmpeg_hls: count: "many" is not a number of segments`, ""},
		{"ffmpeg_hls path=/x stream_name=../y", "ffmpeg_hls: stream_name: ", ""},
		{"ffmpeg_transcode acodec=copy", "ffmpeg_transcode: vcodec is missing", "for example vcodec=h264"},
		{"ffmpeg_transcode vcodec=copy", "ffmpeg_transcode: acodec is missing", "for example acodec=aac"},
		{"ffmpeg_transcode vcodec=vp9 acodec=copy", `ffmpeg_transcode: vcodec: "vp9" is not a video codec; there are copy and h264`, ""},
		{"ffmpeg_transcode vcodec=copy acodec=mp3", `ffmpeg_transcode: acodec: "mp3" is not an audio codec; there are copy and aac`, ""},
		{"ffmpeg_transcode vcodec=h264 acodec=copy h264_preset=quick", `ffmpeg_transcode: h264_preset: "quick" is not a preset; there are ultrafast`, ""},
		{"ffmpeg_transcode vcodec=h264 acodec=copy size=640X480", `ffmpeg_transcode: size: "640X480" is not a size; it is width and height`, ""},
		{"ffmpeg_transcode vcodec=h264 acodec=copy kbps=-1", `ffmpeg_transcode: kbps: "-1" is not a bitrate in kbit/s`, ""},
		{"ffmpeg_transcode vcodec=h264 acodec=copy key_frame_seconds=x", `ffmpeg_transcode: key_frame_seconds: "x" is not the time between key frames`, ""},
		{"ffmpeg_transcode vcodec=copy acodec=copy size=640x480", "ffmpeg_transcode: size means nothing for video that is copied", "use vcodec=h264"},
		{"rtmp_wotch rtmp_app=live stream_key=*", `unknown step type "rtmp_wotch"`, "did you mean rtmp_watch?"},
	} {
		a := s.request("PUT", "/workflows", "workflow w {\n    "+c.step+"\n}\n")
		require.Equal(t, 400, a.status, c.step)
		var refusal struct {
			Mistakes []struct {
				Line          int
				Message, Hint string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(a.body), &refusal), a.body)
		require.Len(t, refusal.Mistakes, 1, "%s: %s", c.step, a.body)
		m := refusal.Mistakes[0]
		require.Equal(t, 2, m.Line, c.step)
		require.True(t, strings.HasPrefix(m.Message, c.message), "%s: %s", c.step, m.Message)
		require.Contains(t, m.Hint, c.hint, c.step)
	}
	require.Empty(t, s.workflows())

	// What depends on more than the step itself shows when the workflow is made.
	s.put("workflow w {\n workflow_forwarder target_workflow=w\n}\n")
	eventually(t, "the workflow is in error", func() bool {
		return strings.Contains(s.details("w").Status, "workflow_forwarder: a workflow cannot forward to itself; name another workflow")
	})
}
