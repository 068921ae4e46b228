package ffmpeg

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseCodecs(t *testing.T) {
	for value, want := range map[string]VideoCodec{"copy": VideoCopy, " COPY ": VideoCopy, "h264": VideoH264, "H264": VideoH264} {
		got, err := ParseVideoCodec(value)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for value, want := range map[string]AudioCodec{"copy": AudioCopy, "Copy": AudioCopy, "aac": AudioAAC, "\tAAC": AudioAAC} {
		got, err := ParseAudioCodec(value)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseVideoCodec("h265")
	require.EqualError(t, err, `"h265" is not a video codec; there are copy and h264`)
	_, err = ParseAudioCodec("")
	require.EqualError(t, err, `"" is not an audio codec; there are copy and aac`)
}

func TestParsePreset(t *testing.T) {
	for _, preset := range presets {
		got, err := ParsePreset(strings.ToUpper(preset) + " ")
		require.NoError(t, err)
		require.Equal(t, preset, got)
	}
	require.Contains(t, presets, PresetDefault)
	require.Len(t, presets, 9)
	_, err := ParsePreset("-preset")
	require.ErrorContains(t, err, `"-preset" is not a preset; there are ultrafast, superfast, veryfast`)
}

func TestParseSize(t *testing.T) {
	f := func(value string, want Size) {
		t.Helper()
		got, err := ParseSize(value)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	f("1280x720", Size{1280, 720})
	f("0x65535", Size{0, 65535})
	for _, bad := range []string{"", "x", "1280", "1280X720", "65536x1", "1x65536", "-1x1", "+1x1", "1x1x1", "1 x 1", "1.5x1"} {
		_, err := ParseSize(bad)
		require.ErrorContains(t, err, "is not a size", bad)
	}
}

func TestParseWholeNumbers(t *testing.T) {
	f := func(parse func(string) (uint16, error), value string, want int) {
		t.Helper()
		got, err := parse(value)
		if want < 0 {
			require.ErrorContains(t, err, "is a whole number from")
			return
		}
		require.NoError(t, err)
		require.EqualValues(t, want, got)
	}
	f(ParseKbps, "0", 0)
	f(ParseKbps, "65535", 65535)
	f(ParseKbps, "65536", -1)
	f(ParseKbps, "1000k", -1)
	f(ParseKbps, "-1", -1)
	f(ParseSegmentSeconds, "1", 1)
	f(ParseSegmentSeconds, "0", -1)
	f(ParseSegmentSeconds, "65535", 65535)
	f(ParseSegmentSeconds, "", -1)
	f(ParseListSize, "0", 0)
	f(ParseListSize, "65535", 65535)
	f(ParseListSize, "65536", -1)
}

func TestHLSFile(t *testing.T) {
	for _, name := range []string{"a", "Kamera 1", "-y", ".hidden", "a:b", "ä…", "․․∕a", "．．／a", "..a", "concat:a|b", strings.Repeat("n", playlistNameBytesMax)} {
		file, err := HLSFile("/srv/hls/", name)
		require.NoError(t, err)
		require.Equal(t, "/srv/hls/"+name+".m3u8", file)
	}
	for _, name := range []string{
		"", ".", "..", "../a", "a/b", `a\b`, "/etc/a", "50%", "a%d", "a\nb", "a\x00b", "a\x1b[2J", "a\u009b", "a\xc0\xae", strings.Repeat("n", playlistNameBytesMax+1),
	} {
		_, err := HLSFile("/srv/hls", name)
		require.ErrorContains(t, err, "cannot be the name of a playlist", name)
		require.Less(t, len(err.Error()), 1000)
	}
}
