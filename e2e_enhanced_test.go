package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/flv"
	"mmids/rtmp/message"
)

// material is a stream that no encoder at hand makes, written tag by tag.
type material struct {
	t       testing.TB
	time    int64
	packets []packet
	prelude []packet // what a late viewer is to get first, in this order
}

// add appends a message. What has a place in the prelude is kept there, too.
func (m *material) add(kind uint8, body []byte, err error, isKept bool) {
	m.t.Helper()
	require.NoError(m.t, err)
	p, ok := newPacket(kind, uint32(m.time), body)
	require.True(m.t, ok)
	m.packets = append(m.packets, p)
	if isKept {
		m.prelude = append(m.prelude, p)
	}
}

func (m *material) video(h flv.VideoHeader, payload string, tracks ...flv.Track) {
	m.t.Helper()
	if h.FrameType == 0 {
		h.FrameType = flv.FrameKey
	}
	body, err := flv.AppendVideoHeader(nil, h)
	for _, track := range tracks {
		require.NoError(m.t, err)
		body, err = h.AppendTrack(body, track)
	}
	isFrame := h.Packet == flv.PacketCodedFrames || h.Packet == flv.PacketCodedFramesX
	m.add(message.TypeVideo, append(body, payload...), err, !isFrame)
}

func (m *material) audio(h flv.AudioHeader, payload string, tracks ...flv.Track) {
	m.t.Helper()
	body, err := flv.AppendAudioHeader(nil, h)
	for _, track := range tracks {
		require.NoError(m.t, err)
		body, err = h.AppendTrack(body, track)
	}
	m.add(message.TypeAudio, append(body, payload...), err, h.Packet != flv.PacketCodedFrames)
}

// pictures calls frame for three groups of five pictures, 40 ms apart.
func (m *material) pictures(frame func(name string, of flv.FrameType, i int)) {
	for i := range 15 {
		of := flv.FrameInter
		if i%5 == 0 {
			of = flv.FrameKey
		}
		frame(fmt.Sprintf("picture %d", i), of, i)
		m.time += 40
	}
}

const colorInfo = "\x02\x00\x09colorInfo\x03\x00\x0bcolorConfig\x03\x00\x08bitDepth\x00\x40\x24\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x09"

var materials = map[string]func(m *material){
	"VVC with HDR metadata": func(m *material) {
		h := flv.VideoHeader{Codec: flv.VVC, Enhanced: true}
		h.Packet = flv.PacketSequenceHeader
		m.video(h, "VvcDecoderConfigurationRecord")
		h.Packet = flv.PacketMetadata
		m.video(h, colorInfo)
		m.pictures(func(name string, of flv.FrameType, i int) {
			h.Packet, h.FrameType, h.CompositionTime = flv.PacketCodedFrames, of, int32(i%3*40-40)
			if i%3 == 1 {
				h.Packet = flv.PacketCodedFramesX
			}
			m.video(h, name)
		})
	},
	"VP8 with E-AC-3 of many channels": func(m *material) {
		v := flv.VideoHeader{Codec: flv.VP8, Enhanced: true, Packet: flv.PacketSequenceHeader}
		a := flv.AudioHeader{Codec: flv.EAC3, Enhanced: true, Packet: flv.PacketSequenceHeader}
		m.video(v, "VPCodecConfigurationRecord")
		m.audio(a, "")
		a.Packet = flv.PacketMultichannelConfig
		m.audio(a, "\x02\x06\x00\x01\x02\x03\x04\x05") // custom order
		m.pictures(func(name string, of flv.FrameType, _ int) {
			v.Packet, v.FrameType = flv.PacketCodedFrames, of
			m.video(v, name)
			a.Packet = flv.PacketCodedFrames
			m.audio(a, "sound of "+name)
		})
	},
	"nanoseconds and unknown modifiers": func(m *material) {
		v := flv.VideoHeader{Codec: flv.HEVC, Enhanced: true, Packet: flv.PacketSequenceHeader}
		a := flv.AudioHeader{Codec: flv.Opus, Enhanced: true, Packet: flv.PacketSequenceHeader}
		m.video(v, "HEVCDecoderConfigurationRecord")
		m.audio(a, "OpusHead")
		m.pictures(func(name string, of flv.FrameType, i int) {
			v.Packet, v.FrameType, v.NanosecondOffset = flv.PacketCodedFrames, of, uint32(i)*66_666
			m.video(v, name)
			a.Packet, a.NanosecondOffset = flv.PacketCodedFrames, 999_999
			m.audio(a, "sound of "+name)
			m.time += 5
			m.add(message.TypeVideo, []byte("\xa7\x02\x00\x00\x07\x17\x01\xaa\xbb\x21hvc1\x00\x00\x50"+name), nil, false)
		})
	},
	"many tracks of many codecs": func(m *material) {
		v := flv.VideoHeader{Enhanced: true, Packet: flv.PacketSequenceHeader, Multitrack: flv.ManyTracksManyCodecs}
		a := flv.AudioHeader{Codec: flv.FLAC, Enhanced: true, Packet: flv.PacketSequenceHeader, Multitrack: flv.ManyTracks}
		both := func(payload string) (list []flv.Track) {
			return []flv.Track{{ID: 0, Codec: flv.AV1, Payload: []byte(payload)}, {ID: 1, Codec: flv.VVC, Payload: []byte(payload), CompositionTime: 0}}
		}
		m.video(v, "", both("old")...)
		m.prelude = nil // replaced by
		m.video(v, "", both("new")...)
		m.audio(a, "", flv.Track{ID: 0, Payload: []byte("fLaC")}, flv.Track{ID: 3, Payload: []byte("fLaC3")})
		m.pictures(func(name string, of flv.FrameType, i int) {
			if i == 5 { // one track gets another header, which stands behind the one of both
				one := flv.VideoHeader{Codec: flv.VVC, Enhanced: true, Packet: flv.PacketSequenceHeader, Multitrack: flv.OneTrack, TrackID: 1}
				m.video(one, "newest")
				m.prelude = []packet{m.prelude[0], m.prelude[2], m.prelude[1]} // video first
			}
			v.Packet, v.FrameType = flv.PacketCodedFrames, of
			m.video(v, "", both(name)...)
			a.Packet = flv.PacketCodedFrames
			m.audio(a, "", flv.Track{ID: 0, Payload: []byte(name)}, flv.Track{ID: 3, Payload: []byte(name)})
		})
	},
	"tracks whose key frames lie apart": func(m *material) {
		v := flv.VideoHeader{Codec: flv.AV1, Enhanced: true, Packet: flv.PacketSequenceHeader}
		second := v
		second.Multitrack, second.TrackID = flv.OneTrack, 1
		m.video(second, "second")
		m.video(v, "first")
		slices.Reverse(m.prelude) // in the order of tracks
		m.pictures(func(name string, of flv.FrameType, i int) {
			v.Packet, v.FrameType = flv.PacketCodedFrames, of
			m.video(v, name)
			second.Packet, second.FrameType = flv.PacketCodedFrames, flv.FrameInter
			if i%5 == 3 {
				second.FrameType = flv.FrameKey
			}
			m.video(second, name)
		})
	},
	"HEVC by classic id 12": func(m *material) {
		h := flv.VideoHeader{Codec: flv.LegacyHEVC, Packet: flv.PacketSequenceHeader}
		m.video(h, "HEVCDecoderConfigurationRecord")
		m.audio(flv.AudioHeader{Codec: flv.AAC, Packet: flv.PacketSequenceHeader}, "\x12\x10")
		m.pictures(func(name string, of flv.FrameType, i int) {
			h.Packet, h.FrameType, h.CompositionTime = flv.PacketCodedFrames, of, int32(i%3*40)
			m.video(h, name)
			m.audio(flv.AudioHeader{Codec: flv.AAC, Packet: flv.PacketCodedFrames}, "sound of "+name)
		})
	},
}

// TestEnhancedMaterial publishes what no client at hand sends. Viewers from before get all of it as it was sent; one that
// comes when all has been sent gets the newest of what is said once, then everything from the last key frame of track 0 on.
func TestEnhancedMaterial(t *testing.T) {
	s := startServer(t, "", simple)
	for name, write := range materials {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			m := &material{t: t}
			write(m)
			url := s.url("live/" + strings.ReplaceAll(name, " ", "-"))
			early := watch(t, url)
			f := feed(t, url)
			f.packets = m.packets
			f.send(len(videoOf(m.packets)))
			for _, p := range m.packets[len(f.sent):] { // sound behind the last picture
				require.NoError(t, f.publisher.WriteMedia(p.kind, uint32(p.dts), p.body))
			}
			requireSame(t, "early", m.packets, waitEverything(early, m.packets))

			got := waitEverything(watch(t, url), m.packets)
			for i := range m.prelude {
				m.prelude[i].dts = got[0].dts // said again, for whoever comes late
			}
			require.Equal(t, m.prelude, got[:len(m.prelude)])
			keys := mainKeys(m.packets)
			begin := indexOf(m.packets, keys[len(keys)-1])
			require.Equal(t, m.packets[begin:], got[len(m.prelude):])
		})
	}
}

// TestFFmpeg8SaysWhatItTakes lets FFmpeg 8 announce codecs as it can. It gets a track that it has announced, as if the stream
// had no other, or is told why it gets nothing.
func TestFFmpeg8SaysWhatItTakes(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 500ms", simple)
	url := s.url("live/k")
	ours := watch(t, url)
	withHEVC := startFFmpeg8(t, "watch.mjs", "-o", "rtmp_enhanced_codecs=hvc1", url)
	withAV1 := startFFmpeg8(t, "watch.mjs", "-o", "rtmp_enhanced_codecs=av01,Opus", url)
	eventually(t, "all viewers are there", func() bool { return len(s.logged("viewer started")) == 3 })
	clip := func(name string) string { return must(t, clips) + "/" + name + ".mp4" }
	startFFmpeg8(t, "publish.mjs", "-re", url, clip("hevc"), clip("h264"), clip("aac"), clip("opus")).succeeds(patience)

	d := demuxedBy(withHEVC)
	require.Len(t, d.tracks, 2)
	require.Equal(t, []string{"hevc", "aac"}, []string{d.tracks[0].Codec, d.tracks[1].Codec})
	d = demuxedBy(withAV1)
	require.Equal(t, []string{"h264", "aac"}, []string{d.tracks[0].Codec, d.tracks[1].Codec}, "H.264 needs no announcement")
	require.Len(t, d.packets[0], len(mainKeys(ours.got()))*25)

	hevc := startFFmpeg8(t, "publish.mjs", "-re", s.url("live/hevc"), clip("hevc"), clip("aac"))
	watch(t, s.url("live/hevc")).waitVideo(1)
	refused := startFFmpeg8(t, "watch.mjs", "-o", "rtmp_enhanced_codecs=av01,Opus", s.url("live/hevc"))
	refused.wait(patience)
	require.Contains(t, refused.output.String(), "The video of this stream is HEVC. The player has announced: AV1.")
	require.Len(t, s.logged("client refused"), 1)
	hevc.succeeds(patience)
}
