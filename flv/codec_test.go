package flv

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCodecString(t *testing.T) {
	f := func(c Codec, want string) {
		t.Helper()
		require.Equal(t, want, c.String())
	}
	f(0, "none")
	f(AVC, "H.264")
	f(EAC3, "E-AC-3")
	f(LegacyHEVC, "HEVC (classic id 12)")
	f('z'<<24|'z'<<16|'z'<<8|1, `FourCC "zzz\x01"`)
	f(classicVideo|9, "video codec id 9")
	f(classicAudio|12, "sound format 12")
	f(0x300, "codec 0x300")

	names := map[string]Codec{}
	for _, c := range []Codec{
		AVC, HEVC, VVC, AV1, VP8, VP9, AAC, Opus, FLAC, AC3, EAC3, MP3,
		SorensonH263, ScreenVideo, VP6, VP6Alpha, ScreenVideo2, LegacyHEVC, LegacyAV1,
		PCMPlatform, ADPCM, PCMLittleEndian, Nellymoser16kHz, Nellymoser8kHz, Nellymoser,
		G711ALaw, G711MuLaw, Speex, LegacyOpus, MP3At8kHz, DeviceSound,
	} {
		require.NotContains(t, names, c.String())
		names[c.String()] = c
	}
}

func TestEnumStrings(t *testing.T) {
	for p := PacketSequenceHeader; p <= PacketMultichannelConfig; p++ {
		require.NotContains(t, p.String(), "packet type")
	}
	require.Equal(t, "packet type 0", PacketType(0).String())
	require.Equal(t, "packet type 9", PacketType(9).String())
	require.Equal(t, "key", FrameKey.String())
	require.Equal(t, "inter", FrameInter.String())
	require.Equal(t, "disposable inter", FrameDisposableInter.String())
	require.Equal(t, "generated key", FrameGeneratedKey.String())
	require.Equal(t, "command", FrameCommand.String())
	require.Equal(t, "frame type 6", FrameType(6).String())
	require.Equal(t, "audio", TagAudio.String())
	require.Equal(t, "video", TagVideo.String())
	require.Equal(t, "script", TagScript.String())
	require.Equal(t, "tag type 3", TagType(3).String())
}

// The numbers that the specifications assign, written out again.
func TestClassicIDs(t *testing.T) {
	for id := range byte(16) {
		got, ok := classicVideoCodec(id).classicVideoID()
		require.True(t, ok)
		require.Equal(t, id, got)
		if id == soundFormatExHeader {
			continue
		}
		got, ok = classicAudioCodec(id).classicSoundFormat()
		require.True(t, ok)
		require.Equal(t, id, got)
	}
	require.Equal(t, "hvc1", string(HEVC.AppendFourCC(nil)))
	require.Equal(t, ".mp3", string(MP3.AppendFourCC(nil)))
	require.False(t, LegacyHEVC.IsFourCC())
	require.True(t, AC3.IsFourCC())
}

func TestParseFourCC(t *testing.T) {
	for _, c := range []Codec{AVC, HEVC, VVC, AV1, VP8, VP9, AAC, Opus, FLAC, AC3, EAC3, MP3} {
		got, ok := ParseFourCC(string(c.AppendFourCC(nil)))
		require.True(t, ok)
		require.Equal(t, c, got)
	}
	got, ok := ParseFourCC("zzzz")
	require.True(t, ok)
	require.Equal(t, `FourCC "zzzz"`, got.String())
	for _, s := range []string{"", "*", "hvc", "hvc1x", "\x00\x00\x01\x07"} {
		_, ok := ParseFourCC(s)
		require.False(t, ok, "%q", s)
	}
}

func TestFormsOfCodecs(t *testing.T) {
	for c, modern := range map[Codec]Codec{LegacyHEVC: HEVC, LegacyAV1: AV1, LegacyOpus: Opus} {
		require.Equal(t, modern, c.FourCC())
		require.False(t, c.HasClassicForm(), "that form is no specification's")
	}
	for _, c := range []Codec{AVC, AAC, MP3, VP6, Speex} {
		require.Equal(t, c, c.FourCC())
		require.True(t, c.HasClassicForm(), "%v", c)
	}
	for _, c := range []Codec{HEVC, VVC, AV1, VP8, VP9, Opus, FLAC, AC3, EAC3} {
		require.False(t, c.HasClassicForm(), "%v", c)
	}
	for _, c := range []Codec{AAC, Opus, FLAC, AC3, EAC3, MP3, Speex, PCMPlatform, LegacyOpus} {
		require.True(t, c.IsAudio(), "%v", c)
	}
	for _, c := range []Codec{AVC, HEVC, VVC, AV1, VP8, VP9, VP6, LegacyHEVC, 0} {
		require.False(t, c.IsAudio(), "%v", c)
	}
	require.True(t, AC3.ConfiguresItself() && EAC3.ConfiguresItself() && MP3.ConfiguresItself())
	require.False(t, AAC.ConfiguresItself() || Opus.ConfiguresItself() || FLAC.ConfiguresItself())
}
