package flv

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unhex reads bytes written as hex, with spaces where the reader likes them, and 'text' for FourCCs.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		require.NoError(t, err)
		out = append(out, b...)
	}
	return out
}

// videoCases are headers and their bytes; each can be parsed and written. Size is filled in from the bytes.
var videoCases = []struct {
	name   string
	bytes  string
	header VideoHeader
	key    bool
	config bool
}{
	// Classic, FLV 10.1 §E.4.3.1.
	{"AVC sequence header", "17 00 000000", VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketSequenceHeader}, false, true},
	{"AVC key frame", "17 01 000050", VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketCodedFrames, CompositionTime: 80}, true, false},
	{"AVC inter frame", "27 01 000000", VideoHeader{Codec: AVC, FrameType: FrameInter, Packet: PacketCodedFrames}, false, false},
	{"AVC negative composition time", "27 01 ffffd8", VideoHeader{Codec: AVC, FrameType: FrameInter, Packet: PacketCodedFrames, CompositionTime: -40}, false, false},
	{"AVC largest composition time", "27 01 7fffff", VideoHeader{Codec: AVC, FrameType: FrameInter, Packet: PacketCodedFrames, CompositionTime: int24Max}, false, false},
	{"AVC smallest composition time", "27 01 800000", VideoHeader{Codec: AVC, FrameType: FrameInter, Packet: PacketCodedFrames, CompositionTime: int24Min}, false, false},
	{"AVC end of sequence", "17 02 000000", VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketSequenceEnd}, false, false},
	{"AVC disposable inter frame", "37 01 000000", VideoHeader{Codec: AVC, FrameType: FrameDisposableInter, Packet: PacketCodedFrames}, false, false},
	{"AVC generated key frame", "47 01 000000", VideoHeader{Codec: AVC, FrameType: FrameGeneratedKey, Packet: PacketCodedFrames}, false, false},
	{"AVC seek command", "57 01", VideoHeader{Codec: AVC, FrameType: FrameCommand, Packet: PacketCommand, Command: EndSeek}, false, false},
	{"AVC reserved frame type", "07 01 000000", VideoHeader{Codec: AVC, Packet: PacketCodedFrames}, false, false},
	{"H.263 key frame", "12", VideoHeader{Codec: SorensonH263, FrameType: FrameKey, Packet: PacketCodedFrames}, true, false},
	{"H.263 disposable", "32", VideoHeader{Codec: SorensonH263, FrameType: FrameDisposableInter, Packet: PacketCodedFrames}, false, false},
	{"screen video", "13", VideoHeader{Codec: ScreenVideo, FrameType: FrameKey, Packet: PacketCodedFrames}, true, false},
	{"VP6", "24", VideoHeader{Codec: VP6, FrameType: FrameInter, Packet: PacketCodedFrames}, false, false},
	{"VP6 with alpha", "15", VideoHeader{Codec: VP6Alpha, FrameType: FrameKey, Packet: PacketCodedFrames}, true, false},
	{"screen video 2", "26", VideoHeader{Codec: ScreenVideo2, FrameType: FrameInter, Packet: PacketCodedFrames}, false, false},
	{"unassigned codec id", "19", VideoHeader{Codec: classicVideo | 9, FrameType: FrameKey, Packet: PacketCodedFrames}, true, false},
	{"legacy HEVC sequence header", "1c 00 000000", VideoHeader{Codec: LegacyHEVC, FrameType: FrameKey, Packet: PacketSequenceHeader}, false, true},
	{"legacy HEVC key frame", "1c 01 000028", VideoHeader{Codec: LegacyHEVC, FrameType: FrameKey, Packet: PacketCodedFrames, CompositionTime: 40}, true, false},
	{"legacy AV1 frame", "2d 01 000000", VideoHeader{Codec: LegacyAV1, FrameType: FrameInter, Packet: PacketCodedFrames}, false, false},

	// Enhanced RTMP v2, ExVideoTagHeader.
	{"HEVC sequence header", "90 'hvc1'", VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketSequenceHeader, Enhanced: true}, false, true},
	{"HEVC key frame", "91 'hvc1' 000050", VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true, CompositionTime: 80}, true, false},
	{"HEVC inter frame", "a1 'hvc1' ffffff", VideoHeader{Codec: HEVC, FrameType: FrameInter, Packet: PacketCodedFrames, Enhanced: true, CompositionTime: -1}, false, false},
	{"HEVC key frame X", "93 'hvc1'", VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFramesX, Enhanced: true}, true, false},
	{"HEVC end, frame type 0", "82 'hvc1'", VideoHeader{Codec: HEVC, Packet: PacketSequenceEnd, Enhanced: true}, false, false},
	{"AVC by FourCC", "91 'avc1' 000001", VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true, CompositionTime: 1}, true, false},
	{"VVC frame", "a1 'vvc1' 000002", VideoHeader{Codec: VVC, FrameType: FrameInter, Packet: PacketCodedFrames, Enhanced: true, CompositionTime: 2}, false, false},
	{"AV1 key frame", "91 'av01'", VideoHeader{Codec: AV1, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true}, true, false},
	{"AV1 MPEG-2 TS sequence start", "95 'av01'", VideoHeader{Codec: AV1, FrameType: FrameKey, Packet: PacketMPEG2TSSequenceStart, Enhanced: true}, false, true},
	{"VP8 frame", "a1 'vp08'", VideoHeader{Codec: VP8, FrameType: FrameInter, Packet: PacketCodedFrames, Enhanced: true}, false, false},
	{"VP9 sequence header", "90 'vp09'", VideoHeader{Codec: VP9, FrameType: FrameKey, Packet: PacketSequenceHeader, Enhanced: true}, false, true},
	{"unknown FourCC", "91 'zzzz'", VideoHeader{Codec: 'z'<<24 | 'z'<<16 | 'z'<<8 | 'z', FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true}, true, false},
	{"HDR metadata", "94 'hvc1'", VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketMetadata, Enhanced: true}, false, false},
	{"HDR metadata, command frame type ignored", "d4 'hvc1'", VideoHeader{Codec: HEVC, FrameType: FrameCommand, Packet: PacketMetadata, Enhanced: true}, false, false},
	{"enhanced command", "d1 00", VideoHeader{FrameType: FrameCommand, Packet: PacketCommand, Enhanced: true, Command: StartSeek}, false, false},

	// ModEx: 97 = key frame and ModEx, 02 = three bytes, offset, type 0 and the packet type.
	{"nanosecond offset", "97 02 0f423f 01 'hvc1' 000050", VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true, CompositionTime: 80, NanosecondOffset: 999_999}, true, false},
	{"nanosecond offset of a command", "d7 02 000001 01 01", VideoHeader{FrameType: FrameCommand, Packet: PacketCommand, Enhanced: true, Command: EndSeek, NanosecondOffset: 1}, false, false},

	// Multitrack: 96 = key frame and Multitrack, then kind and packet type.
	{"one track, sequence header", "96 00 'avc1' 02", VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketSequenceHeader, Enhanced: true, Multitrack: OneTrack, TrackID: 2}, false, true},
	{"one track, key frame", "96 01 'hvc1' 05 fffff0", VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true, Multitrack: OneTrack, TrackID: 5, CompositionTime: -16}, true, false},
	{"one track behind a nanosecond offset", "a7 02 000007 06 03 'hvc1' 01", VideoHeader{Codec: HEVC, FrameType: FrameInter, Packet: PacketCodedFramesX, Enhanced: true, Multitrack: OneTrack, TrackID: 1, NanosecondOffset: 7}, false, false},
}

func TestParseVideo(t *testing.T) {
	for _, c := range videoCases {
		t.Run(c.name, func(t *testing.T) {
			head := unhex(t, c.bytes)
			want := c.header
			want.Size = len(head)
			for _, payload := range []string{"", "00", "0000000165"} {
				got, err := ParseVideo(append(head[:len(head):len(head)], unhex(t, payload)...))
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
			require.Equal(t, want.NanosecondOffset != 0, want.HasModEx(head))
			require.Equal(t, c.key, want.IsKeyFrame(), "key frame")
			require.Equal(t, c.config, want.IsSequenceHeader(), "sequence header")
		})
	}
}

func TestParseVideoEveryCut(t *testing.T) {
	for _, c := range videoCases {
		head := unhex(t, c.bytes)
		for cut := range len(head) {
			_, err := ParseVideo(head[:cut])
			require.ErrorIs(t, err, ErrShort, "%s cut at %d", c.name, cut)
		}
	}
}

func TestAppendVideoHeader(t *testing.T) {
	for _, c := range videoCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := AppendVideoHeader([]byte("before"), c.header)
			require.NoError(t, err)
			require.Equal(t, append([]byte("before"), unhex(t, c.bytes)...), got)
		})
	}
}

func TestParseVideoModEx(t *testing.T) {
	plain := VideoHeader{Codec: AV1, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true}
	offset := plain
	offset.NanosecondOffset = 5
	unknown := "97 00 aa 11" // one byte of ModEx type 1, then coded frames
	long := "97 ff 00ff" + strings.Repeat("ab", 256) + "01"
	f := func(s string, want VideoHeader) {
		t.Helper()
		b := unhex(t, s)
		want.Size = len(b)
		got, err := ParseVideo(b)
		require.NoError(t, err)
		require.Equal(t, want, got)
		for cut := range b {
			_, err := ParseVideo(b[:cut])
			require.ErrorIs(t, err, ErrShort, "cut at %d", cut)
		}
	}
	f(unknown+"'av01'", plain)
	f("97 00 aa 17 02 000005 01 'av01'", offset)
	f("97 02 000005 07 00 aa 11 'av01'", offset)
	f("97 03 00000599 01 'av01'", offset)                  // more than three bytes: the first three count
	f("97 01 0005 01 'av01'", plain)                       // fewer than three bytes hold no offset
	f("97 02 0f4240 01 'av01'", plain)                     // 1,000,000 ns is over the limit
	f("97 02 000009 07 02 000005 01 'av01'", offset)       // the last one counts
	f("97 fe"+strings.Repeat("00", 255)+"01'av01'", plain) // the largest 8-bit size
	f(strings.Replace(long, "ababab", "0f4240", 1)+"'av01'", plain)
	f("97 ff ffff"+strings.Repeat("ff", 65536)+"01'av01'", plain)

	chain := func(n int) []byte { return unhex(t, "9"+strings.Repeat("7 00 00 1", n)+"1 'av01'") }
	_, err := ParseVideo(chain(modExPrefixesMax))
	require.NoError(t, err)
	_, err = ParseVideo(chain(modExPrefixesMax + 1))
	require.ErrorIs(t, err, ErrUnsupported)
}

func TestParseVideoRefuses(t *testing.T) {
	f := func(s string, want error) {
		t.Helper()
		h, err := ParseVideo(unhex(t, s))
		require.ErrorIs(t, err, want)
		require.Zero(t, h)
	}
	f("", ErrShort)
	f("17", ErrShort)
	f("1701", ErrShort)
	f("170100", ErrShort)
	f("17010000", ErrShort)
	f("17 03 000000", ErrUnsupported)
	f("17 10 000000", ErrUnsupported)
	f("17 ff 000000", ErrUnsupported)
	f("57", ErrShort)
	f("96 30 'avc1' 00", ErrUnsupported)          // reserved kind of multitrack
	f("96 f0 'avc1' 00", ErrUnsupported)          // and the last one
	f("96 06 'avc1' 00", ErrUnsupported)          // multitrack in multitrack
	f("96 07 'avc1' 00", ErrUnsupported)          // ModEx in multitrack
	f("96 08 'avc1' 00", ErrUnsupported)          // reserved packet type in multitrack
	f("91 00000107 000000", ErrUnsupported)       // a FourCC that looks like our value for a classic id
	f("96 20 00000107 00 000000", ErrUnsupported) // the same as the codec of a track
	f("96 11 'avc1' 00 000002 000000", ErrShort)  // a track too small for its composition time
	f("96 10 'avc1'", ErrShort)                   // many tracks, none there
	f("96 20", ErrShort)                          // the same with codecs
	f("96 21 'hvc1' 00 000003 0000", ErrShort)    // cut in the composition time
	for packet := 8; packet <= 15; packet++ {
		f(string("9"+"0123456789abcdef"[packet:packet+1])+"'avc1' 000000", ErrUnsupported)
	}
}

func TestAppendVideoHeaderRefuses(t *testing.T) {
	avc := VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketCodedFrames}
	hevc := VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true}
	f := func(h VideoHeader, change func(*VideoHeader)) {
		t.Helper()
		change(&h)
		got, err := AppendVideoHeader([]byte("kept"), h)
		require.ErrorIs(t, err, ErrNotEncodable)
		require.Equal(t, "kept", string(got))
	}
	for _, h := range []VideoHeader{avc, hevc} {
		f(h, func(h *VideoHeader) { h.Packet = 0 })
		f(h, func(h *VideoHeader) { h.Packet = PacketMultichannelConfig })
		f(h, func(h *VideoHeader) { h.Packet = PacketCommand })
		f(h, func(h *VideoHeader) { h.FrameType = FrameCommand })
		f(h, func(h *VideoHeader) { h.FrameType = 8 })
		f(h, func(h *VideoHeader) { h.CompositionTime = int24Max + 1 })
		f(h, func(h *VideoHeader) { h.CompositionTime = int24Min - 1 })
		f(h, func(h *VideoHeader) { h.Packet, h.CompositionTime = PacketSequenceHeader, 1 })
		f(h, func(h *VideoHeader) { h.Codec = 0 })
	}
	f(avc, func(h *VideoHeader) { h.Codec = HEVC })
	f(avc, func(h *VideoHeader) { h.Codec = AAC })
	f(avc, func(h *VideoHeader) { h.Codec = classicVideo | videoIDAVC })
	f(avc, func(h *VideoHeader) { h.Multitrack = OneTrack })
	f(avc, func(h *VideoHeader) { h.NanosecondOffset = 1 })
	f(avc, func(h *VideoHeader) { h.Packet = PacketCodedFramesX })
	f(avc, func(h *VideoHeader) { h.Codec, h.Packet = VP6, PacketSequenceHeader })
	f(avc, func(h *VideoHeader) { h.Codec, h.CompositionTime = VP6, 1 })
	f(hevc, func(h *VideoHeader) { h.Codec = LegacyHEVC })
	f(hevc, func(h *VideoHeader) { h.NanosecondOffset = nanosecondOffsetMax + 1 })
	f(hevc, func(h *VideoHeader) { h.Multitrack = ManyTracksManyCodecs + 1 })
	f(hevc, func(h *VideoHeader) { h.Codec, h.CompositionTime = AV1, 1 })
	f(hevc, func(h *VideoHeader) { h.Packet, h.CompositionTime = PacketCodedFramesX, 1 })
	f(hevc, func(h *VideoHeader) { h.FrameType, h.Packet, h.Multitrack = FrameCommand, PacketCommand, OneTrack })
	f(hevc, func(h *VideoHeader) { h.FrameType, h.Packet, h.Multitrack = FrameCommand, PacketMetadata, OneTrack })
	f(hevc, func(h *VideoHeader) {
		h.FrameType, h.Packet, h.NanosecondOffset = FrameCommand, PacketCommand, nanosecondOffsetMax+1
	})
}
