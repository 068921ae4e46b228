package flv

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unbits reads bytes written as bits, with spaces where the reader likes them, filled up with zeros.
func unbits(s string) string {
	s = strings.ReplaceAll(s, " ", "")
	s += strings.Repeat("0", -len(s)&7)
	var out []byte
	for i := 0; i < len(s); i += 8 {
		var b byte
		for _, bit := range s[i : i+8] {
			b = b<<1 | byte(bit-'0')
		}
		out = append(out, b)
	}
	return string(out)
}

// videoDescriptions are messages of libx264, libx265, SVT-AV1, libaom and libvpx, put into tags by FFmpeg, of a picture of
// 194x110 if nothing else is said. Those of encoders that we do not have are written by hand.
var videoDescriptions = []struct {
	name, bytes string
	want        Description
}{
	{"AVC main", "1700000000 014d400bffe10019674d400beca1a7f11580880000030008000003019078a14cb001000468ce0fc8",
		Description{Codec: AVC, Width: 194, Height: 110}},
	{"AVC of fields, 194x108", "1700000000 01640015ffe1001a67640015acd94348f1136022000003000200000300643e28532c01000668fba3cb22c0fdf8f800",
		Description{Codec: AVC, Width: 194, Height: 108}},
	{"AVC 4:4:4", "1700000000 01f4000bffe1001a67f4000b919b2869fc7de022000003000200000300641e28532c01000668ebe3c44844fff8f800",
		Description{Codec: AVC, Width: 194, Height: 110}},
	{"AVC 4:2:2 with scaling matrices", "1700000000 017a000bffe1001a677a000bbcd9434fe22f011000000300100000030320f142996001000768ebe3cb3002c0fef8f800",
		Description{Codec: AVC, Width: 194, Height: 110}},
	{"AVC, track 1, 98x54", "96 00 'avc1' 01 014d400affe1001d674d400aeca393c44dff851d8543880000030008000003019078912cb001000468ce0fc8",
		Description{Codec: AVC, Width: 98, Height: 54}},
	{"HEVC", "90 'hvc1' 0101600000009000000000003cf000fcfdf8f800000f04200001001840010c01ffff01600000030090000003000003003c959009210001002b" +
		"42010101600000030090000003000003003ca01a2071c456595912930bc05a02000003000200000300321022000100064401c073c18927000108fb4e0105ffffffff",
		Description{Codec: HEVC, Width: 194, Height: 110}},
	{"HEVC 4:2:2 with a temporal layer, classic id", "1c00000000 0104080000009d08000000003cf000fcfef8f800001303200001001b40010c02ffff0408000003009d0800000300003c00009598acc048" +
		"210001002c4201020408000003009d0800000300003c0000b0192071c97965662b349265780b404000000300400000064222000100074401c172b46240",
		Description{Codec: LegacyHEVC, Width: 194, Height: 110}},
	{"AV1 of SVT-AV1", "90 'av01' 81000c00 0a0a00000003b60ed00be001", Description{Codec: AV1, Width: 194, Height: 110}},
	{"AV1 of libaom, 10 bit", "90 'av01' 81004c00 0a0a00000003b60ed36be501", Description{Codec: AV1, Width: 194, Height: 110}},
	{"VP9 says it in key frames", "90 'vp09' 01000000 000a820202020000", Description{Codec: VP9}},
	{"VP9 key frame", "91 'vp09' 82498342000c1006d60638241c184a", Description{Codec: VP9, Width: 194, Height: 110}},
	{"VP9 4:4:4 key frame", "91 'vp09' a249834200018200dac00704", Description{Codec: VP9, Width: 194, Height: 110}},
	{"VP9 inter frame", "a1 'vp09' 86004092f121", Description{Codec: VP9}},
	{"VP8 key frame", "91 'vp08' b044009d012ac2006e00000708858588", Description{Codec: VP8, Width: 194, Height: 110}},
	{"VP8 inter frame", "a1 'vp08' b144009d012ac2006e000007", Description{Codec: VP8}},
	{"VVC 1920x1080", "90 'vvc1' ff 00115f 01 0233 80 00 0780 0438 0000 00", Description{Codec: VVC, Width: 1920, Height: 1080}},
	{"VVC of three layers", "90 'vvc1' ff 00315f 01 0233 80 c0 3233 01 00000001 0780 0438 0000 00", Description{Codec: VVC, Width: 1920, Height: 1080}},
	{"VVC that does not say it", "90 'vvc1' fe 00", Description{Codec: VVC}},
	{"AVC frame", "1701000050 0000000165", Description{Codec: AVC}},
	{"seek command", "57 01", Description{}},
	{"nothing", "", Description{}},
}

var audioDescriptions = []struct {
	name, bytes string
	want        Description
}{
	{"AAC mono, whose header says stereo", "af00 118856e500", Description{Codec: AAC, SampleRate: 48000, Channels: 1}},
	{"AAC 5.1", "af00 123056e500", Description{Codec: AAC, SampleRate: 44100, Channels: 6}},
	{"HE-AAC", "af00 2b920800", Description{Codec: AAC, SampleRate: 44100, Channels: 2}},
	{"HE-AACv2", "af00 eb8a0800", Description{Codec: AAC, SampleRate: 44100, Channels: 2}},
	{"AAC with an escaped object and rate", "90 'mp4a' f95e01770040", Description{Codec: AAC, SampleRate: 48000, Channels: 2}},
	{"AAC frame", "af01 2110", Description{Codec: AAC}},
	{"Opus", "90 'Opus' 4f707573486561640102380180bb0000000000", Description{Codec: Opus, SampleRate: 48000, Channels: 2}},
	{"Opus 5.1", "90 'Opus' 4f707573486561640106380180bb00000000010402000401020305", Description{Codec: Opus, SampleRate: 48000, Channels: 6}},
	{"FLAC of FFmpeg", "90 'fLaC' 120012000006540019820bb8037000023280193e23b90c36014be54e0f088c75d045", Description{Codec: FLAC, SampleRate: 48000, Channels: 2}},
	{"FLAC with marker", "90 'fLaC' 'fLaC' 80000022 120012000006540019820bb8037000023280193e23b90c36014be54e0f088c75d045", Description{Codec: FLAC, SampleRate: 48000, Channels: 2}},
	{"AC-3 5.1", "91 'ac-3' 0b77cded1e40ebf8403eff99", Description{Codec: AC3, SampleRate: 48000, Channels: 6}},
	{"AC-3 stereo", "91 'ac-3' 0b7700004840 43e106", Description{Codec: AC3, SampleRate: 44100, Channels: 2}},
	{"E-AC-3 5.1", "91 'ec-3' 0b77037f3f87c00020882000", Description{Codec: EAC3, SampleRate: 48000, Channels: 6}},
	{"E-AC-3 at half the rate", "91 'ec-3' 0b77037fd487c00020882000", Description{Codec: EAC3, SampleRate: 22050, Channels: 2}},
	{"AC-3 that has no header", "90 'ac-3'", Description{Codec: AC3}},
	{"MP3 mono 48 kHz", "2e fffb54c400", Description{Codec: MP3, SampleRate: 48000, Channels: 1}},
	{"MP3 at 22 kHz", "2a fff340c4", Description{Codec: MP3, SampleRate: 22050, Channels: 1}},
	{"MP3 at 11 kHz, stereo", "91 '.mp3' ffe34004", Description{Codec: MP3, SampleRate: 11025, Channels: 2}},
	{"MP3 without a frame header", "2f 00", Description{Codec: MP3, SampleRate: 44100, Channels: 2}},
	{"ADPCM", "1f 80", Description{Codec: ADPCM, SampleRate: 44100, Channels: 2}},
	{"multichannel configuration", "94 'ac-3' 01060000060f", Description{Codec: AC3, Channels: 6}},
	{"Opus, track 1", "95 00 'Opus' 01 4f707573486561640102380180bb0000000000", Description{Codec: Opus, SampleRate: 48000, Channels: 2}},
	{"the first of two tracks", "95 20 'mp4a' 00 000002 1190 'Opus' 01 000013 4f707573486561640102380180bb0000000000", Description{Codec: AAC, SampleRate: 48000, Channels: 2}},
}

func TestDescribeVideo(t *testing.T) {
	for _, c := range videoDescriptions {
		require.Equal(t, c.want, DescribeVideo(unhex(t, c.bytes)), c.name)
	}
}

func TestDescribeAudio(t *testing.T) {
	for _, c := range audioDescriptions {
		require.Equal(t, c.want, DescribeAudio(unhex(t, c.bytes)), c.name)
	}
}

// Fields that hardly any encoder uses, but which stand in front of the size.
func TestDescribeAV1WithTimes(t *testing.T) {
	size := "1010 1010 " + "00011111111 00000111111" // bits of width and height, less one; then 256 and 64
	f := func(points string) {
		t.Helper()
		header := unbits(points + size)
		obu := "\x0a" + string(byte(len(header))) + header
		// Temporal delimiters and padding may stand in front, and the last unit may leave its size out.
		for _, units := range []string{obu, "\x12\x00" + obu, "\x7e\x00\x01\xff" + obu, "\x08" + header} {
			require.Equal(t, Description{Codec: AV1, Width: 256, Height: 64}, DescribeVideo([]byte("\x90av01\x81\x00\x0c\x00"+units)))
		}
	}
	thirtyTwo := strings.Repeat("01", 16)
	f("000 0 0  0 0 00000 000000000000 00101 ")
	f("000 1 1  00101 ")
	f("000 0 0  1 " + thirtyTwo + thirtyTwo + " 1 00101 0  0 00000 000000000000 00101 ")
	f("000 0 0  1 " + thirtyTwo + thirtyTwo + " 0 1 00011" + thirtyTwo + "0001100011" +
		" 1 00001  000000000000 01001 1  1 0011 0011 1  1 1010" + "  000000000001 00001  0  0 ")
}

func TestDescribeAVCWithOrderCounts(t *testing.T) {
	f := func(order string) {
		t.Helper()
		sps := "\x67" + unbits("01001101 01000000 00001011  1 1 "+order+" 1 0  000010000 00111 1 1 0 0 1") // 16x16 units, 16x7
		record := "\x01\x4d\x40\x0b\xff\xe1\x00" + string(byte(len(sps))) + sps
		require.Equal(t, Description{Codec: AVC, Width: 256, Height: 112}, DescribeVideo([]byte("\x17\x00\x00\x00\x00"+record)))
	}
	f("010 1 00100 00101 011 00110 00111") // one type 1 with two offsets
	f("011")                               // type 2
}

// Whatever is cut off or claims too much, nothing is said that is not there.
func TestDescribeEveryCut(t *testing.T) {
	for _, c := range videoDescriptions {
		body := unhex(t, c.bytes)
		for cut := range body {
			got := DescribeVideo(body[:cut:cut])
			require.True(t, got == c.want || got.Width == 0 && got.Height == 0, "%s cut at %d: %+v", c.name, cut, got)
		}
	}
	for _, c := range audioDescriptions {
		body := unhex(t, c.bytes)
		for cut := range body {
			got := DescribeAudio(body[:cut:cut])
			isHeader := !got.Codec.IsFourCC() || got.Codec == MP3 || got.Codec == AAC
			require.True(t, isHeader || got.SampleRate == 0 || got.SampleRate == c.want.SampleRate, "%s cut at %d: %+v", c.name, cut, got)
		}
	}
}

func TestDescribeRefusesWhatCannotBe(t *testing.T) {
	avc := unhex(t, videoDescriptions[0].bytes)
	f := func(body []byte) {
		t.Helper()
		got := DescribeVideo(body)
		require.Zero(t, got.Width)
		require.Zero(t, got.Height)
	}
	none := slices.Clone(avc)
	none[10] = 0xe0 // no parameter sets
	f(none)
	f(append(avc[:13:13], bytes.Repeat([]byte{0}, 60)...))                                       // Exp-Golomb numbers without end
	f(append(avc[:13:13], "\x67\x4d\x40\x0b"+unbits("1 1 1 1 1 0  1 1 1 1 1 0001001 1 1 1"+strings.Repeat("0", 200))...)) // 16 pixels, of which 16 are cut off
	f(unhex(t, "1700000000 014d400bffe1ffff 674d400b"))                                          // a parameter set of 64 KiB
	f(unhex(t, "90 'hvc1' 0101600000009000000000003cf000fcfdf8f800000fff 21ffff"))               // 255 arrays of 65,535 units
	f(unhex(t, "90 'av01' 81000c00 0affffffffffffffffffff7f"))                                   // a unit of 2^70 bytes
	f(unhex(t, "90 'av01' 81000c00 0c"))                                                         // an extension that is not there
	f(unhex(t, "91 'vp09' 82000000000c1006d606"))                                                // another start code
	f(unhex(t, "91 'vp08' b0440000002ac2006e00"))
	require.Equal(t, Description{Codec: AAC, Channels: 2}, DescribeAudio(unhex(t, "af00 1690")), "a reserved rate")
}
