package flv

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// audioCases are headers and their bytes; each can be parsed and written. Size is filled in from the bytes.
var audioCases = []struct {
	name   string
	bytes  string
	header AudioHeader
	config bool
}{
	// Classic, FLV 10.1 §E.4.2.1: sound format (4), rate (2), size (1), type (1).
	{"AAC sequence header", "af 00", AudioHeader{Codec: AAC, Packet: PacketSequenceHeader, SampleRate: 44100, SampleBits: 16, Channels: 2}, true},
	{"AAC frame", "af 01", AudioHeader{Codec: AAC, Packet: PacketCodedFrames, SampleRate: 44100, SampleBits: 16, Channels: 2}, false},
	{"AAC mono", "ae 01", AudioHeader{Codec: AAC, Packet: PacketCodedFrames, SampleRate: 44100, SampleBits: 16, Channels: 1}, false},
	{"PCM platform 5.5 kHz 8 bit mono", "00", AudioHeader{Codec: PCMPlatform, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 8, Channels: 1}, false},
	{"ADPCM 11 kHz", "14", AudioHeader{Codec: ADPCM, Packet: PacketCodedFrames, SampleRate: 11025, SampleBits: 8, Channels: 1}, false},
	{"MP3 22 kHz", "2b", AudioHeader{Codec: MP3, Packet: PacketCodedFrames, SampleRate: 22050, SampleBits: 16, Channels: 2}, false},
	{"PCM little endian", "3f", AudioHeader{Codec: PCMLittleEndian, Packet: PacketCodedFrames, SampleRate: 44100, SampleBits: 16, Channels: 2}, false},
	{"Nellymoser 16 kHz", "42", AudioHeader{Codec: Nellymoser16kHz, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 16, Channels: 1}, false},
	{"Nellymoser 8 kHz", "52", AudioHeader{Codec: Nellymoser8kHz, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 16, Channels: 1}, false},
	{"Nellymoser", "66", AudioHeader{Codec: Nellymoser, Packet: PacketCodedFrames, SampleRate: 11025, SampleBits: 16, Channels: 1}, false},
	{"G.711 A-law", "72", AudioHeader{Codec: G711ALaw, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 16, Channels: 1}, false},
	{"G.711 mu-law", "82", AudioHeader{Codec: G711MuLaw, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 16, Channels: 1}, false},
	{"Speex", "b2", AudioHeader{Codec: Speex, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 16, Channels: 1}, false},
	{"reserved sound format", "cf", AudioHeader{Codec: classicAudio | 12, Packet: PacketCodedFrames, SampleRate: 44100, SampleBits: 16, Channels: 2}, false},
	{"legacy Opus", "df", AudioHeader{Codec: LegacyOpus, Packet: PacketCodedFrames, SampleRate: 44100, SampleBits: 16, Channels: 2}, false},
	{"MP3 8 kHz", "e2", AudioHeader{Codec: MP3At8kHz, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 16, Channels: 1}, false},
	{"device sound", "f0", AudioHeader{Codec: DeviceSound, Packet: PacketCodedFrames, SampleRate: 5512, SampleBits: 8, Channels: 1}, false},

	// Enhanced RTMP v2, ExAudioTagHeader.
	{"Opus sequence header", "90 'Opus'", AudioHeader{Codec: Opus, Packet: PacketSequenceHeader, Enhanced: true}, true},
	{"Opus frames", "91 'Opus'", AudioHeader{Codec: Opus, Packet: PacketCodedFrames, Enhanced: true}, false},
	{"AAC by FourCC", "91 'mp4a'", AudioHeader{Codec: AAC, Packet: PacketCodedFrames, Enhanced: true}, false},
	{"FLAC sequence header", "90 'fLaC'", AudioHeader{Codec: FLAC, Packet: PacketSequenceHeader, Enhanced: true}, true},
	{"AC-3 frames", "91 'ac-3'", AudioHeader{Codec: AC3, Packet: PacketCodedFrames, Enhanced: true}, false},
	{"E-AC-3 end", "92 'ec-3'", AudioHeader{Codec: EAC3, Packet: PacketSequenceEnd, Enhanced: true}, false},
	{"MP3 by FourCC", "91 '.mp3'", AudioHeader{Codec: MP3, Packet: PacketCodedFrames, Enhanced: true}, false},
	{"multichannel config", "94 'Opus'", AudioHeader{Codec: Opus, Packet: PacketMultichannelConfig, Enhanced: true}, false},
	{"nanosecond offset", "97 02 000102 01 'Opus'", AudioHeader{Codec: Opus, Packet: PacketCodedFrames, Enhanced: true, NanosecondOffset: 258}, false},
	{"one track", "95 01 'mp4a' 01", AudioHeader{Codec: AAC, Packet: PacketCodedFrames, Enhanced: true, Multitrack: OneTrack, TrackID: 1}, false},
	{"one track behind a nanosecond offset", "97 02 000001 05 00 'mp4a' ff", AudioHeader{Codec: AAC, Packet: PacketSequenceHeader, Enhanced: true, Multitrack: OneTrack, TrackID: 255, NanosecondOffset: 1}, true},
}

func TestParseAudio(t *testing.T) {
	for _, c := range audioCases {
		t.Run(c.name, func(t *testing.T) {
			head := unhex(t, c.bytes)
			want := c.header
			want.Size = len(head)
			for _, payload := range []string{"", "00", "2110"} {
				got, err := ParseAudio(append(head[:len(head):len(head)], unhex(t, payload)...))
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
			require.Equal(t, c.config, want.IsSequenceHeader(), "sequence header")
			for cut := range head {
				_, err := ParseAudio(head[:cut])
				require.ErrorIs(t, err, ErrShort, "cut at %d", cut)
			}
		})
	}
}

func TestAppendAudioHeader(t *testing.T) {
	for _, c := range audioCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := AppendAudioHeader([]byte("before"), c.header)
			require.NoError(t, err)
			require.Equal(t, append([]byte("before"), unhex(t, c.bytes)...), got)
		})
	}
	got, err := AppendAudioHeader(nil, AudioHeader{Codec: AAC, Packet: PacketCodedFrames})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "af 01"), got, "what AAC has to say")
}

func TestParseAudioRefuses(t *testing.T) {
	f := func(s string, want error) {
		t.Helper()
		h, err := ParseAudio(unhex(t, s))
		require.ErrorIs(t, err, want)
		require.Zero(t, h)
	}
	f("", ErrShort)
	f("af", ErrShort)
	f("af 02", ErrUnsupported)
	f("af ff", ErrUnsupported)
	f("93 'Opus'", ErrUnsupported)
	f("96 'Opus'", ErrUnsupported)
	f("98 'Opus'", ErrUnsupported)
	f("9f 'Opus'", ErrUnsupported)
	f("95 31 'Opus' 00", ErrUnsupported)
	f("95 05 'Opus' 00", ErrUnsupported)
	f("95 07 'Opus' 00", ErrUnsupported)
	f("95 06 'Opus' 00", ErrUnsupported)
	f("91 0000020a 00", ErrUnsupported)
	f("95 11 'Opus' 00 0000", ErrShort)
}

func TestAppendAudioHeaderRefuses(t *testing.T) {
	aac := AudioHeader{Codec: AAC, Packet: PacketCodedFrames}
	opus := AudioHeader{Codec: Opus, Packet: PacketCodedFrames, Enhanced: true}
	f := func(h AudioHeader, change func(*AudioHeader)) {
		t.Helper()
		change(&h)
		got, err := AppendAudioHeader([]byte("kept"), h)
		require.ErrorIs(t, err, ErrNotEncodable)
		require.Equal(t, "kept", string(got))
	}
	for _, h := range []AudioHeader{aac, opus} {
		f(h, func(h *AudioHeader) { h.Packet = 0 })
		f(h, func(h *AudioHeader) { h.Packet = PacketMetadata })
		f(h, func(h *AudioHeader) { h.Codec = 0 })
		f(h, func(h *AudioHeader) { h.SampleRate = 48000 })
	}
	f(aac, func(h *AudioHeader) { h.Codec = Opus })
	f(aac, func(h *AudioHeader) { h.Codec = AVC })
	f(aac, func(h *AudioHeader) { h.Codec = classicAudio | soundFormatExHeader })
	f(aac, func(h *AudioHeader) { h.SampleBits = 24 })
	f(aac, func(h *AudioHeader) { h.Channels = 6 })
	f(aac, func(h *AudioHeader) { h.Packet = PacketSequenceEnd })
	f(aac, func(h *AudioHeader) { h.Codec, h.Packet = Speex, PacketSequenceHeader })
	f(aac, func(h *AudioHeader) { h.Multitrack = OneTrack })
	f(aac, func(h *AudioHeader) { h.NanosecondOffset = 1 })
	f(opus, func(h *AudioHeader) { h.Codec = Speex })
	f(opus, func(h *AudioHeader) { h.SampleBits = 16 })
	f(opus, func(h *AudioHeader) { h.Channels = 2 })
	f(opus, func(h *AudioHeader) { h.NanosecondOffset = nanosecondOffsetMax + 1 })
	f(opus, func(h *AudioHeader) { h.Multitrack = ManyTracksManyCodecs + 1 })
}

func TestAudioHasModEx(t *testing.T) {
	for body, want := range map[string]bool{"97 02 000005 01 'Opus'": true, "97 00 aa 11 'Opus'": true, "91 'Opus'": false, "af 01": false, "27": false} {
		b := unhex(t, body)
		h, err := ParseAudio(b)
		require.NoError(t, err)
		require.Equal(t, want, h.HasModEx(b), body)
	}
}
