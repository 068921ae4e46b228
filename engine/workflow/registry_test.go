package workflow

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

func testRegistry(t testing.TB) *Registry {
	r := new(Registry)
	require.NoError(t, r.Add("rtmp_watch", passKind()))
	require.NoError(t, r.Add("rtmp_receive", passKind()))
	checked := passKind()
	checked.Check = func(d config.Step) (mistakes []config.Mistake) {
		for _, p := range d.Params {
			if p.Name != "path" {
				mistakes = append(mistakes, config.Mistake{Pos: p.Pos, Message: d.Type + ": unknown " + p.Name})
			}
		}
		return mistakes
	}
	require.NoError(t, r.Add("ffmpeg_hls", checked))
	return r
}

func TestSTEP1_RegisteringTwiceFails(t *testing.T) {
	r := testRegistry(t)
	require.EqualError(t, r.Add("rtmp_watch", passKind()), `step type "rtmp_watch" is registered twice`)
	require.Error(t, r.Add("", passKind()))
	require.Error(t, r.Add("nothing", Kind{}))
	require.Equal(t, []string{"ffmpeg_hls", "rtmp_receive", "rtmp_watch"}, r.Types())
}

func TestCheckFindsAllMistakes(t *testing.T) {
	r := testRegistry(t)
	w := config.Workflow{Steps: steps(t, "rtmp_watch x=1\n  ffmpeg_hls path=p a=1 b\nrtmp-wacth\nffmpeg_hls c")}
	var got []string
	for _, m := range r.Check(w) {
		got = append(got, m.Error())
	}
	require.Equal(t, []string{
		"test:3:21: ffmpeg_hls: unknown a",
		"test:3:25: ffmpeg_hls: unknown b",
		`test:4:1: unknown step type "rtmp-wacth"; did you mean rtmp_watch? known types: ffmpeg_hls, rtmp_receive, rtmp_watch`,
		"test:5:12: ffmpeg_hls: unknown c",
	}, got)
	require.Empty(t, r.Check(config.Workflow{Steps: steps(t, "rtmp_watch\nffmpeg_hls path=p")}))
	require.Empty(t, r.Check(config.Workflow{}))
}

func TestCheckOfATypeLikeNoOther(t *testing.T) {
	m := testRegistry(t).Check(config.Workflow{Steps: steps(t, "transcode")})
	require.Len(t, m, 1)
	require.Equal(t, IDUnknownStep, m[0].ID)
	require.Equal(t, "known types: ffmpeg_hls, rtmp_receive, rtmp_watch", m[0].Hint)

	m = new(Registry).Check(config.Workflow{Steps: steps(t, "transcode")})
	require.Equal(t, "no step types are known here", m[0].Hint)
}

func TestCheckCutsALongType(t *testing.T) {
	name := strings.Repeat("ä", typeRunesMax)
	m := testRegistry(t).Check(config.Workflow{Steps: []config.Step{{Type: name}, {Type: name + "x"}}})
	require.Equal(t, `unknown step type "`+name+`"`, m[0].Message)
	require.Equal(t, `unknown step type "`+name+`…"`, m[1].Message)
}

func TestNearest(t *testing.T) {
	names := []string{"ffmpeg_hls", "ffmpeg_pull", "ffmpeg_push", "rtmp_receive", "rtmp_watch"}
	f := func(word, want string) { t.Helper(); require.Equal(t, want, nearest(word, names)) }
	f("rtmp_recieve", "rtmp_receive")
	f("RTMP-Watch", "rtmp_watch")
	f("rtmpwatch", "rtmp_watch")
	f("ffmpeg_psh", "ffmpeg_push")
	f("ffmpeg", "")
	f("watch", "")
	f("", "")
	f("x", "")
}

func TestRedact(t *testing.T) {
	f := func(name, value, want string) { t.Helper(); require.Equal(t, want, redact(name, value)) }
	f("rtmp_app", "live", "live")
	f("stream_key", "*", "*")
	f("password", "hunter2", "…")
	f("srt_PassWord", "hunter2", "…")
	f("api_token", "abc", "…")
	f("password", "", "")
	f("key", "cam1?user=joe&pass=x", "cam1?…")
	f("location", "http://host:8080/a/b.m3u8", "http://host:8080/a/b.m3u8")
	f("location", "http://host/a?sig=1", "http://host/a?…")
	f("location", "http://joe:p@ss@host/a", "http://…@host/a")
	f("location", "http://joe:p/ss@host/a", "http://…")
	f("target", "rtmp://host/app/key", "rtmp://host/app/…")
	f("target", "RTMPS://host:1/app/inst/key?a=b", "RTMPS://host:1/app/inst/…?…")
	f("target", "rtmp://host/app", "rtmp://host/app")
	f("target", "rtmp://host/app playpath=key live=1", "rtmp://host/app …")
	f("target", "rtmp://host/app/key?a=b pubUser=u", "rtmp://host/app/…?… …")
	f("target", "tee:[f=flv]rtmp://h/a/k|rtmp://h/b/k", "tee:[f=flv]rtmp://h/a/…|…")
	f("path", `C:\x\y`, `C:\x\y`)
}
