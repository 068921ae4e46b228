package figures

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/flv"
)

// packets are those of a file, as an endpoint makes them, on a track.
func packets(t testing.TB, track uint8) (all []media.Packet) {
	file, err := os.ReadFile("../../flv/testdata/bframes-aac.flv")
	require.NoError(t, err)
	r := flv.NewReader(bytes.NewReader(file))
	for {
		tag, err := r.ReadTag()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		p := media.Packet{Time: int64(tag.Timestamp), Track: track, Body: media.CopyBuffer(tag.Body)}
		switch tag.Type {
		case flv.TagVideo:
			h, err := flv.ParseVideo(tag.Body)
			require.NoError(t, err)
			if h.Packet == flv.PacketSequenceEnd {
				continue
			}
			p.Kind, p.KeyFrame, p.Required = media.Video, h.IsKeyFrame(), h.IsSequenceHeader()
		case flv.TagAudio:
			h, err := flv.ParseAudio(tag.Body)
			require.NoError(t, err)
			p.Kind, p.Required = media.Audio, h.IsSequenceHeader()
		default:
			continue
		}
		all = append(all, p)
	}
}

func TestMeterKnowsWhatAStreamIs(t *testing.T) {
	for _, track := range []uint8{0, 3} {
		m, began := &Meter{}, time.Unix(1000, 0)
		m.Tick(began)
		size := 0
		for _, p := range packets(t, track) {
			m.Note(&p)
			size += len(p.Tag())
		}
		var s Stream
		m.Figures(&s)
		require.Equal(t, "H.264", s.Video.Codec, "known before the tick")

		more := m.Tick(began.Add(time.Second))
		require.Equal(t, Counts{Bytes: uint64(size), VideoFrames: 25, AudioFrames: 45}, more)
		require.Zero(t, m.Tick(began.Add(2*time.Second)), "passed on once")
		s = Stream{}
		m.Figures(&s)
		require.EqualValues(t, size, s.Bytes)
		require.InDelta(t, 8*size/2, s.BitsPerSecond, 1, "over two seconds")
		require.InDelta(t, s.BitsPerSecond, s.Video.BitsPerSecond+s.Audio.BitsPerSecond, 1)
		require.Equal(t, Video{
			Codec: "H.264", Width: 64, Height: 64, Frames: 25, FramesPerSecond: 12.5, BitsPerSecond: s.Video.BitsPerSecond, Tracks: 1,
		}, *s.Video)
		require.Equal(t, Audio{
			Codec: "AAC", SampleRate: 44100, Channels: 1, Frames: 45, BitsPerSecond: s.Audio.BitsPerSecond, Tracks: 1,
		}, *s.Audio)
	}
}

func TestMeterShowsTheLowestTrack(t *testing.T) {
	m := &Meter{}
	for _, p := range packets(t, 2) {
		m.Note(&p)
	}
	m.Note(&media.Packet{Kind: media.Video, Track: 1, KeyFrame: true, Body: media.CopyBuffer([]byte{0x12, 0})}) // H.263
	m.Note(&media.Packet{Kind: media.Video, Track: 2, Body: media.CopyBuffer([]byte{0x27, 1, 0, 0, 0})})
	m.Note(&media.Packet{Kind: media.Audio, Required: true, Track: 2, Tracks: "\x02\x05\xff", Body: media.CopyBuffer([]byte{0xAF, 0})})
	m.Tick(time.Now())
	var s Stream
	m.Figures(&s)
	require.Equal(t, flv.SorensonH263.String(), s.Video.Codec)
	require.Zero(t, s.Video.Width, "what was known is of another track")
	require.EqualValues(t, 26, s.Video.Frames, "one of the track that is shown since, none of the other")
	require.Equal(t, 2, s.Video.Tracks)
	require.Equal(t, 3, s.Audio.Tracks)
}

func TestMeterTellsKeyFramesApart(t *testing.T) {
	m := &Meter{}
	for _, at := range []int64{0, 2000, 6000} {
		m.Note(&media.Packet{Kind: media.Video, KeyFrame: true, Time: at, Body: media.CopyBuffer([]byte{0x17, 1, 0, 0, 0, 1})})
	}
	require.EqualValues(t, 1, m.Dropped())
	m.Tick(time.Now())
	var s Stream
	m.Figures(&s)
	require.EqualValues(t, 4, s.Video.KeyFrameSeconds)
	require.EqualValues(t, 1, s.Dropped)
}

// TestMeterSeesThatPicturesGetAnotherSize, also late and where only key frames say so.
func TestMeterSeesThatPicturesGetAnotherSize(t *testing.T) {
	frame := func(key bool, width byte) *media.Packet {
		tag := append([]byte("\x91vp08"), 0x10, 0, 0, 0x9d, 0x01, 0x2a, width, 0, 48, 0)
		if !key {
			tag = append([]byte("\xa1vp08"), 0x11)
		}
		return &media.Packet{Kind: media.Video, KeyFrame: key, Body: media.CopyBuffer(tag)}
	}
	m := &Meter{}
	size := func() [2]int {
		var s Stream
		m.Figures(&s)
		return [2]int{s.Video.Width, s.Video.Height}
	}
	m.Note(frame(true, 64))
	require.Equal(t, [2]int{64, 48}, size())
	for range 2 * searchesMax {
		m.Note(frame(false, 0))
	}
	m.Note(frame(true, 32))
	require.Equal(t, [2]int{32, 48}, size())
	packets, sums := m.Received()
	require.EqualValues(t, 2*searchesMax+2, packets)
	require.EqualValues(t, 2*searchesMax+2, sums.VideoFrames)
}

func TestMetadataFillsWhatTheStreamDoesNotSay(t *testing.T) {
	m := &Meter{}
	m.Describe(&media.Metadata{Fields: []media.Field{
		{Name: "width", Value: "1280"}, {Name: "height", Value: "720"}, {Name: "audiosamplerate", Value: "48000"},
		{Name: "stereo", Value: "true"}, {Name: "encoder", Value: "an encoder"},
	}})
	m.Note(&media.Packet{Kind: media.Video, KeyFrame: true, Body: media.CopyBuffer([]byte{0x17, 1, 0, 0, 0, 1})})
	m.Note(&media.Packet{Kind: media.Audio, Body: media.CopyBuffer([]byte{0xAF, 1, 1})})
	m.Tick(time.Now())
	var s Stream
	m.Figures(&s)
	require.Equal(t, "an encoder", s.Encoder)
	require.Equal(t, [2]int{1280, 720}, [2]int{s.Video.Width, s.Video.Height})
	require.Equal(t, [2]int{48000, 2}, [2]int{s.Audio.SampleRate, s.Audio.Channels})

	for _, p := range packets(t, 0) { // what the stream says itself counts
		m.Note(&p)
	}
	m.Figures(&s)
	require.Equal(t, [2]int{64, 64}, [2]int{s.Video.Width, s.Video.Height})
	require.Equal(t, [2]int{44100, 1}, [2]int{s.Audio.SampleRate, s.Audio.Channels})
}

func TestMeterAllocatesNothing(t *testing.T) {
	m, all := &Meter{}, packets(t, 0)
	now := time.Now()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for i := range all {
			m.Note(&all[i])
		}
		m.Tick(now)
	}))
}

func BenchmarkMeter(b *testing.B) {
	m, all := &Meter{}, packets(b, 0)
	b.ReportAllocs()
	for i := range b.N {
		m.Note(&all[i%len(all)])
	}
}
