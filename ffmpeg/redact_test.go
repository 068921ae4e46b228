package ffmpeg

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedactAll(t *testing.T) {
	require.Equal(t, []string{"-i", "rtmp://h/a/…", "-y"}, redactAll([]string{"-i", "rtmp://h/a/k", "-y"}))
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
