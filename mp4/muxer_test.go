package mp4

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// Sequence headers as ffmpeg sends them: H.264 High 3.1 of 1280 x 720, and AAC-LC of 44.1 kHz stereo.
var (
	avcHeader = append([]byte{0x17, 0, 0, 0, 0}, fromHex("0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000468ef8fcbfdf8f800")...)
	aacHeader = []byte{0xaf, 0, 0x12, 0x10}
)

func fromHex(text string) (b []byte) {
	_, _ = fmt.Sscanf(text, "%x", &b)
	return b
}

// recorder writes down what a muxer makes.
type recorder struct {
	lines []string
	bytes bytes.Buffer
}

func (r *recorder) Restart() { r.lines = append(r.lines, "restart") }

func (r *recorder) Write(u Unit) {
	r.bytes.Write(u.Head)
	r.bytes.Write(u.Payload)
	switch {
	case u.Init:
		r.lines = append(r.lines, fmt.Sprintf("init %v", u.Kind))
	case u.KeyFrame:
		r.lines = append(r.lines, fmt.Sprintf("%d key %s", u.Time, u.Payload))
	default:
		r.lines = append(r.lines, fmt.Sprintf("%d %v %s", u.Time, u.Kind, u.Payload))
	}
}

// stream feeds a muxer.
type stream struct {
	*Muxer
	out *recorder
}

func newStream() stream {
	r := &recorder{}
	s := stream{&Muxer{Output: r}, r}
	s.Begin()
	return s
}

func (s stream) add(kind media.Kind, time int64, tag []byte) {
	body := media.CopyBuffer(tag)
	s.Add(&media.Packet{Kind: kind, Time: time, Body: body})
	body.Release()
}

func (s stream) headers() {
	s.add(media.Video, 0, avcHeader)
	s.add(media.Audio, 0, aacHeader)
}

func (s stream) key(time int64, text string) {
	s.add(media.Video, time, append([]byte{0x17, 1, 0, 0, 40}, text...))
}

func (s stream) inter(time int64, text string) {
	s.add(media.Video, time, append([]byte{0x27, 1, 0xff, 0xff, 0xf6}, text...))
}

func (s stream) sound(time int64, text string) {
	s.add(media.Audio, time, append([]byte{0xaf, 1}, text...))
}

func TestFramesBecomeFragments(t *testing.T) {
	before := media.InUse()
	s := newStream()
	s.headers()
	s.sound(990, "early") // before the first key frame
	s.inter(1000, "lost")
	s.key(1040, "K1")
	s.sound(1045, "A1")
	s.inter(1080, "P1")
	s.sound(1068, "A2")
	s.headers() // again: no news
	s.inter(1130, "P2")
	s.End()
	require.Equal(t, []string{
		"init video", "1040 key K1", "1045 audio A1", "1080 video P1", "1130 video P2", "1068 audio A2",
	}, s.out.lines)
	require.Equal(t, `video/mp4; codecs="avc1.64001f, mp4a.40.2"`, s.ContentType())
	require.Equal(t, before, media.InUse(), "everything retained was released")

	file, err := mp4.DecodeFile(&s.out.bytes)
	require.NoError(t, err)
	require.Len(t, file.Init.Moov.Traks, 2)
	require.EqualValues(t, 1000, file.Init.Moov.Traks[0].Mdia.Mdhd.Timescale)
	require.Equal(t, uint16(1280), file.Init.Moov.Traks[0].Mdia.Minf.Stbl.Stsd.AvcX.Width)
	require.Equal(t, uint16(44100), file.Init.Moov.Traks[1].Mdia.Minf.Stbl.Stsd.Mp4a.SampleRate)
	var got []string
	for _, segment := range file.Segments {
		for _, f := range segment.Fragments {
			samples, err := f.GetFullSamples(nil)
			require.NoError(t, err)
			for _, x := range samples {
				got = append(got, fmt.Sprintf("%d track %d at %d for %d%+d sync %v: %s", f.Moof.Mfhd.SequenceNumber,
					f.Moof.Traf.Tfhd.TrackID, x.DecodeTime, x.Dur, x.CompositionTimeOffset, mp4.IsSyncSampleFlags(x.Flags), x.Data))
			}
		}
	}
	require.Equal(t, []string{
		"1 track 1 at 1040 for 40+40 sync true: K1",
		"2 track 2 at 1045 for 23+0 sync true: A1",
		"3 track 1 at 1080 for 50-10 sync false: P1",
		"4 track 1 at 1130 for 50-10 sync false: P2",
		"5 track 2 at 1068 for 23+0 sync true: A2",
	}, got)
}

func TestStreamThatReturns(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(5000, "K1")
	s.inter(5040, "P1")
	s.Begin()
	s.headers()
	s.key(0, "K2") // counts from zero
	s.inter(40, "P2")
	s.Begin()
	s.add(media.Video, 0, avcHeader) // without sound
	s.key(0, "K3")
	s.Begin()
	s.add(media.Video, 0, avcHeader)
	s.key(9000, "K4") // counts on while it is away
	s.End()
	require.Equal(t, []string{
		"init video", "5000 key K1", "5040 video P1",
		"init video", "5060 key K2", "5100 video P2",
		"restart", "init video", "5120 key K3",
		"init video", "5140 key K4",
	}, s.out.lines)
	require.Equal(t, `video/mp4; codecs="avc1.64001f"`, s.ContentType())
}

func TestSourceThatSetsItsClockAnew(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(90_000, "K1")
	s.inter(10, "P1")
	s.inter(5, "P2") // a little back: not before the one before it
	s.inter(50, "P3")
	s.End()
	require.Equal(t, []string{"init video", "90000 key K1", "90020 video P1", "90020 video P2", "90060 video P3"}, s.out.lines)
}

// TestSourceThatPauses: nobody waits for what a clock has left out.
func TestSourceThatPauses(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(0, "K1")
	s.inter(40, "P1")
	s.sound(45, "A1")
	s.inter(9000, "P2") // a long time, but some cameras are slow
	s.sound(9010, "A2")
	s.inter(3_600_000, "P3")
	s.sound(3_600_010, "A3")
	s.inter(3_600_040, "P4")
	s.End()
	require.Equal(t, []string{
		"init video", "0 key K1", "40 video P1", "45 audio A1", "9000 video P2", "9010 audio A2", "9030 video P3", "9070 video P4", "9040 audio A3",
	}, s.out.lines)
}

// TestSoundFarAheadOfThePictures: what belongs together may come seconds apart, and no clock has jumped.
func TestSoundFarAheadOfThePictures(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(0, "K1")
	s.sound(3000, "A1")
	s.inter(40, "P1")
	s.sound(3023, "A2")
	s.inter(80, "P2")
	s.End()
	require.Equal(t, []string{
		"init video", "0 key K1", "3000 audio A1", "40 video P1", "80 video P2", "3023 audio A2",
	}, s.out.lines)
}

// TestTimesBeyond32Bits: an RTMP clock goes round after 49 days, and what comes here has gone on.
func TestTimesBeyond32Bits(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(1<<32-20, "K1")
	s.inter(1<<32+20, "P1")
	s.inter(1<<32+60, "P2")
	s.End()
	file, err := mp4.DecodeFile(&s.out.bytes)
	require.NoError(t, err)
	traf := file.Segments[0].Fragments[1].Moof.Traf
	require.EqualValues(t, 1<<32+20, traf.Tfdt.BaseMediaDecodeTime())
	require.EqualValues(t, 40, traf.Trun.Samples[0].Dur)
}

func TestTracksThatAreAnnounced(t *testing.T) {
	s := newStream()
	s.Describe(&media.Metadata{Fields: []media.Field{{Name: "width", Value: "1280"}, {Name: "audiocodecid", Value: "10"}}})
	s.add(media.Video, 0, avcHeader)
	s.key(0, "K1") // no sequence header for the sound yet
	s.add(media.Audio, 0, aacHeader)
	s.key(400, "K2")
	s.inter(440, "P2")
	s.End()
	require.Equal(t, []string{"init video", "0 key K1", "400 key K2", "440 video P2"}, s.out.lines, "what came meanwhile has waited")

	s = newStream()
	s.Describe(&media.Metadata{Fields: []media.Field{{Name: "audiocodecid", Value: "10"}}})
	s.add(media.Video, 0, avcHeader)
	s.key(0, "K1")
	s.key(500, "K2") // it never comes
	s.End()
	require.Equal(t, []string{"init video", "0 key K1", "500 key K2"}, s.out.lines)

	before := media.InUse()
	s = newStream()
	s.Describe(&media.Metadata{Fields: []media.Field{{Name: "audiocodecid", Value: "10"}}})
	s.add(media.Video, 0, avcHeader)
	s.key(0, "K1")
	other := bytes.Clone(avcHeader)
	other[len(other)-1]++
	s.add(media.Video, 20, other) // nobody can decode the first frame any more
	s.key(40, "K2")
	for range 2 * earlyFramesMax {
		s.inter(80, "P") // with a clock that stands still it would be waited for ever
	}
	require.Len(t, s.out.lines, 1+2*earlyFramesMax, "all but the newest: %s", s.out.lines[:2])
	require.Equal(t, []string{"init video", "40 key K2"}, s.out.lines[:2])
	s.End()
	require.Equal(t, before, media.InUse())

	s = newStream()
	s.Describe(&media.Metadata{Fields: []media.Field{{Name: "audiocodecid", Value: "10"}}})
	s.add(media.Video, 0, avcHeader)
	s.key(0, "K1")
	s.add(media.Video, 10, []byte{0x12, 1}) // Sorenson
	s.End()
	require.Equal(t, before, media.InUse())
	require.Empty(t, s.out.lines, "nobody has begun, so nobody is ended")
}

func TestTrackThatComesLate(t *testing.T) {
	s := newStream()
	s.add(media.Audio, 0, aacHeader)
	s.sound(0, "A1")
	s.sound(23, "A2")
	s.add(media.Video, 30, avcHeader)
	s.sound(46, "A3")
	s.key(60, "K1")
	s.sound(69, "A4")
	s.End()
	require.Equal(t, []string{
		"init audio", "0 audio A1", "23 audio A2", "restart", "init video", "60 key K1", "69 audio A4",
	}, s.out.lines)
	require.Equal(t, `video/mp4; codecs="avc1.64001f, mp4a.40.2"`, s.ContentType())
}

func TestNewSequenceHeader(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(0, "K1")
	s.sound(10, "A1")
	other := bytes.Clone(avcHeader)
	other[len(other)-1]++
	s.add(media.Video, 40, other)
	s.inter(40, "lost")
	s.key(80, "K2")
	s.End()
	require.Equal(t, []string{"init video", "0 key K1", "init video", "80 key K2", "10 audio A1"}, s.out.lines)
}

// TestFramesThatTheirHeaderIsNotFor: they are left out, since a decoder for something else would get them.
func TestFramesThatTheirHeaderIsNotFor(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(0, "K1")
	s.add(media.Video, 40, append(fromHex("9368766331"), "HEVC"...))
	s.inter(80, "P1")
	s.End()
	require.Equal(t, []string{"init video", "0 key K1", "80 video P1"}, s.out.lines)
}

// TestHeaderWithoutParameterSets: some cameras send one first.
func TestHeaderWithoutParameterSets(t *testing.T) {
	s := newStream()
	s.add(media.Video, 0, fromHex("17000000000164001fffe000"))
	s.key(0, "lost")
	s.add(media.Video, 40, avcHeader)
	s.key(40, "K1")
	s.End()
	require.Equal(t, []string{"init video", "40 key K1"}, s.out.lines)
	require.Empty(t, s.Refused())
}

func TestCodecsThatAreRefused(t *testing.T) {
	s := newStream()
	s.headers()
	s.key(0, "K1")
	s.inter(40, "P1")
	s.add(media.Audio, 50, []byte{0xbf, 1, 2}) // Speex
	s.inter(80, "P2")
	s.End()
	require.Equal(t, []string{"init video", "0 key K1", "restart"}, s.out.lines)
	require.Equal(t, "MP4 is not made of Speex here", s.Refused())
	s.Begin()
	require.Empty(t, s.Refused())
}

func TestCodecNames(t *testing.T) {
	require.Equal(t, "hvc1.1.6.L93.90", hevcCodecs(fromHex("01016000000090000000000005df000000000000000000"[:24]+"5d"+"00000000000000000000")))
	require.Equal(t, "av01.0.05M.08", av1Codecs([]byte{0x81, 0x05, 0x0c, 0}))
	require.Equal(t, "av01.2.13H.12", av1Codecs([]byte{0x81, 0x4d, 0xec, 0}))
	require.Equal(t, "mp4a.40.5", aacCodecs([]byte{0x2b, 0x92}))
	for n := range 23 {
		require.Empty(t, hevcCodecs(make([]byte, n)))
	}
}

// TestSoundThatIsCalledAPicture: a hostile publisher gets no boxes without a name.
func TestSoundThatIsCalledAPicture(t *testing.T) {
	s := newStream()
	s.add(media.Video, 0, append([]byte{0x90, 'O', 'p', 'u', 's'}, "OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00"...))
	s.key(0, "K1")
	require.Equal(t, "MP4 is not made of Opus here", s.Refused())
}
