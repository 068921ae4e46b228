package logging

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedactURL(t *testing.T) {
	for address, want := range map[string]string{
		"file.flv":                          "file.flv",
		"/path/to?/file@home":               "/path/to?/file@home",
		"rtmp://host/app":                   "rtmp://host/app",
		"rtmp://host/app/key":               "rtmp://host/app/…",
		"RTMPS://host:443/app/inst/key":     "RTMPS://host:443/app/inst/…",
		"rtmp://user:pass@host/app/key?a=b": "rtmp://…@host/app/…?…",
		"https://host/a/b.m3u8?token=t":     "https://host/a/b.m3u8?…",
		"http://host/a#token=t?b":           "http://host/a#…",
		"rtmp://host/app#key":               "rtmp://host/app#…",
		"srt://host:9000?passphrase=p@ss":   "srt://host:9000?…",
		"http://host?next=http://x/y":       "http://host?…",
		"rtmp://host/app playpath=key live": "rtmp://host/app …",
		"rtmp://host/app/key?a=b pubUser=u": "rtmp://host/app/…?… …",
		"rtmp://user:pa?ss@host/app/key":    "rtmp://…",
		"rtmp://user:pa#ss@host/app?a=b@c":  "rtmp://…",
		"http://user:p/a?ss@host/a":         "http://…",
		"http://user:12?3@host/a":           "http://…",
		"http://[::1]/a?mail=me@host":       "http://[::1]/a?…",
		"http://host:80/a?mail=me@host":     "http://host:80/a?…",
		"tee:rtmp://h/a/k|rtmp://h/b/k":     "tee:rtmp://h/a/…|…",
		"tee:[f=flv]RTMP://host/app/key":    "tee:[f=flv]RTMP://host/app/…",
	} {
		require.Equal(t, want, RedactURL(address))
	}
}
