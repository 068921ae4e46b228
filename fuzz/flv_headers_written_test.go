package fuzz

import (
	"bytes"
	"errors"
	"testing"

	"mmids/flv"
)

var (
	videoCodecs = []flv.Codec{flv.AVC, flv.HEVC, flv.VVC, flv.AV1, flv.VP8, flv.VP9, flv.SorensonH263, flv.ScreenVideo, flv.VP6, flv.VP6Alpha,
		flv.ScreenVideo2, flv.LegacyHEVC, flv.LegacyAV1, 'x'<<24 | 'y'<<16 | 'z'<<8 | '1', 0, flv.AAC}
	audioCodecs = []flv.Codec{flv.AAC, flv.Opus, flv.FLAC, flv.AC3, flv.EAC3, flv.MP3, flv.PCMPlatform, flv.ADPCM, flv.PCMLittleEndian,
		flv.Nellymoser16kHz, flv.Nellymoser8kHz, flv.Nellymoser, flv.G711ALaw, flv.G711MuLaw, flv.Speex, flv.LegacyOpus, flv.MP3At8kHz,
		flv.DeviceSound, 'x'<<24 | 'y'<<16 | 'z'<<8 | '1', 0, flv.AVC}
	packetTypes = []flv.PacketType{flv.PacketCodedFrames, flv.PacketSequenceHeader, flv.PacketCodedFramesX, flv.PacketSequenceEnd, flv.PacketMetadata,
		flv.PacketMPEG2TSSequenceStart, flv.PacketCommand, flv.PacketMultichannelConfig, 0}
	compositionTimes = []int32{0, 0, 40, -40, 1<<23 - 1, -1 << 23, 1 << 23}
	nanoseconds      = []uint32{0, 0, 1, 999_999, 1_000_000}
)

// FuzzFLVHeaders writes video and audio headers of every codec and form, with tracks behind them and ModEx prefixes before
// them.
func FuzzFLVHeaders(f *testing.F) {
	addPlans(f, func(code []byte) { f.Add(code) })
	f.Fuzz(func(t *testing.T, code []byte) {
		p := &plan{code: code}
		if p.one(3) {
			checkAudioHeader(t, p)
		} else {
			checkVideoHeader(t, p)
		}
	})
}

func checkVideoHeader(t *testing.T, p *plan) {
	flvVideo.checkWritten(t, p, flv.VideoHeader{
		Codec: pick(p, videoCodecs), FrameType: flv.FrameType(p.next() % 9), Packet: pick(p, packetTypes), Enhanced: !p.one(4),
		Multitrack: flv.Multitrack(p.next() % 5), TrackID: byte(p.next()), CompositionTime: pick(p, compositionTimes),
		NanosecondOffset: pick(p, nanoseconds), Command: flv.VideoCommand(p.next() % 2),
	}, videoCodecs)
}

func checkAudioHeader(t *testing.T, p *plan) {
	h := flv.AudioHeader{
		Codec: pick(p, audioCodecs), Packet: pick(p, packetTypes), Enhanced: !p.one(3),
		Multitrack: flv.Multitrack(p.next() % 5), TrackID: byte(p.next()), NanosecondOffset: pick(p, nanoseconds),
	}
	if !h.Enhanced {
		h.SampleRate, h.SampleBits, h.Channels = pick(p, []uint16{44100, 22050, 11025, 5512, 48000}), pick(p, []byte{16, 8}), pick(p, []byte{2, 1})
	}
	flvAudio.checkWritten(t, p, h, audioCodecs)
}

func (p *plan) tracks(codecs []flv.Codec) []flv.Track {
	tracks := make([]flv.Track, 1+p.next()%5)
	for i := range tracks {
		tracks[i] = flv.Track{ID: byte(p.next()), Codec: pick(p, codecs), CompositionTime: pick(p, compositionTimes), Payload: p.bytes(p.next() % 50)}
	}
	return tracks
}

// appendTracks returns the tracks that could be written.
func appendTracks(t *testing.T, tracks []flv.Track, body []byte, add func([]byte, flv.Track) ([]byte, error)) ([]byte, []flv.Track) {
	var written []flv.Track
	for _, track := range tracks {
		longer, err := add(body, track)
		if err == nil {
			written = append(written, track)
		} else if !errors.Is(err, flv.ErrNotEncodable) || !bytes.Equal(longer, body) {
			t.Fatalf("%+v: %v", track, err)
		}
		body = longer
	}
	return body, written
}

// requireTracks compares the tracks that were written with those that are read.
func requireTracks(t *testing.T, kind flv.Multitrack, want []flv.Track, tracks flv.Tracks) {
	t.Helper()
	if !isList(kind) {
		return
	}
	for i, w := range want {
		got, ok := tracks.Next()
		if kind == flv.ManyTracks {
			w.Codec = got.Codec // of the header
		}
		if !ok || !sameFLVTrack(w, got) {
			t.Fatalf("track %d: %+v became %+v, %v: %v", i, w, got, ok, tracks.Err())
		}
	}
	if got, ok := tracks.Next(); ok || tracks.Err() != nil {
		t.Fatalf("one track too many: %+v, %v", got, tracks.Err())
	}
}

// prefixesMax is how many ModEx prefixes a reader follows.
const prefixesMax = 16

// prefix puts ModEx prefixes before what an enhanced body says, and returns how many there are then.
func (p *plan) prefix(body []byte, enhanced bool) ([]byte, int) {
	if !enhanced {
		return body, 0
	}
	const modEx = 7
	count, packet := 0, body[0]&0xF
	if packet == modEx {
		count = 1 // a nanosecond offset
	}
	added := p.next() % (prefixesMax + 3)
	prefixed := []byte{body[0]&0xF0 | modEx}
	for i := range added {
		data := p.bytes(pick(p, []int{1, 3, 3, 255, 256, 300}))
		if len(data) == 0 {
			data = []byte{0}
		}
		if n := len(data) - 1; n < 255 {
			prefixed = append(prefixed, byte(n))
		} else {
			prefixed = append(prefixed, 255, byte(n>>8), byte(n))
		}
		next := byte(modEx)
		if i == added-1 {
			next = packet
		}
		prefixed = append(append(prefixed, data...), byte(p.next())<<4|next)
	}
	if added == 0 {
		return body, count
	}
	return append(prefixed, body[1:]...), count + added
}
