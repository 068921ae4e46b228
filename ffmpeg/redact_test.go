package ffmpeg

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShownArgs(t *testing.T) {
	shown := Job{Input: "rtmp://h/a/k", InputProtocols: "rtmp,tcp,http"}.shownArgs()
	require.Contains(t, shown, "rtmp://h/a/…")
	require.NotContains(t, shown, "rtmp://h/a/k")
}

// TestOwnAppsAreNotShown: whoever knows the app of a feed, and is on this machine, could watch it.
func TestOwnAppsAreNotShown(t *testing.T) {
	const in, back = "ffmpeg-in-7-3f1c1b6e-0000", "ffmpeg-back-7-9a2d1b6e-0000"
	job := Job{
		Input: "rtmp://127.0.0.1:4000/" + in + "/cam?x", InputProtocols: InternalProtocols,
		Target: FLV{URL: "rtmp://127.0.0.1:4000/" + back + "/id"}, TargetProtocols: InternalProtocols,
	}
	require.Contains(t, job.shownArgs(), "rtmp://127.0.0.1:4000/…/…")
	for line, want := range map[string]string{
		`Server error: No workflow uses the app "` + in + `" on port 4000.`: `Server error: No workflow uses the app "…" on port 4000.`,
		"rtmp://127.0.0.1:4000/" + back + "/id: Broken pipe":                "rtmp://127.0.0.1:4000/…/…: Broken pipe",
		"tcUrl rtmp://127.0.0.1:4000/" + in:                                 "tcUrl rtmp://127.0.0.1:4000/…",
	} {
		o := newErrorOutput(nil, job)
		_, err := o.Write([]byte(line + "\n"))
		require.NoError(t, err)
		require.Equal(t, want, o.finish())
	}

	public := Job{Input: "in.flv", Target: FLV{URL: "rtmp://h/live/k"}, TargetProtocols: "rtmp,tcp,tls"}
	require.Contains(t, public.shownArgs(), "rtmp://h/live/…", "an app of somebody else's is needed to find mistakes")
}

func TestRedactLine(t *testing.T) {
	for line, want := range map[string]string{
		"":        "",
		"no link": "no link",
		"Output #0, flv, to 'rtmp://host/app/key':":      "Output #0, flv, to 'rtmp://host/app/…':",
		"rtmp://host/app/key: Connection refused":        "rtmp://host/app/…: Connection refused",
		"[hls @ 0x1] Opening 'https://h/s.ts?t=1' for":   "[hls @ 0x1] Opening 'https://h/s.ts?…' for",
		"a (rtmp://h/a/k) and \"srt://h?passphrase=p\".": "a (rtmp://h/a/… and \"srt://h?…\".",
		"tcp://h:1?x=y, udp://h:2;":                      "tcp://h:1?…, udp://h:2;",
		"://":                                            "://",
		"x://":                                           "x://",
		":// :// a://":                                   ":// :// a://",
		"ü://a/b?c":                                      "ü://a/b?…",
	} {
		require.Equal(t, "> "+want, string(appendRedacted([]byte("> "), []byte(line))))
	}
}

// TestRedactOwnAddresses: an address with blanks is one only to who knows the job.
func TestRedactOwnAddresses(t *testing.T) {
	o := newErrorOutput(nil, Job{Input: "in.flv", Target: FLV{URL: "rtmp://h/a playpath=key live=1"}})
	_, err := o.Write([]byte("rtmp://h/a playpath=key live=1: Connection refused\n"))
	require.NoError(t, err)
	require.Equal(t, "rtmp://h/a …: Connection refused", o.finish())
}

// TestErrorOutputCanBeLookedAt: ffmpeg repeats titles and URLs of media that strangers have made.
func TestErrorOutputCanBeLookedAt(t *testing.T) {
	o := newErrorOutput(nil, Job{Input: "in.flv", Target: FLV{URL: "rtmp://h/a/k"}})
	_, err := o.Write([]byte("title: \x1b[2J\u009b2J\u202e\xff é rtmp://h/a/k\x07\n"))
	require.NoError(t, err)
	require.Equal(t, `title: \x1b[2J\u009b2J\u202e\xff é rtmp://h/a/…`, o.finish())
}
