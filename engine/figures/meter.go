package figures

import (
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"time"

	"mmids/engine/media"
	"mmids/flv"
)

// Meter measures a stream as it comes in. Note, Describe, Dropped, Received and Tick are for whoever reads the stream, on one
// goroutine; Figures may be called by anybody and is as of the last Tick, but for what the stream is, which is known at once.
type Meter struct {
	counts   Counts // since the beginning
	told     Counts // that Tick has passed on
	packets  uint64
	video    trackFigures
	audio    trackFigures
	rates    [4]Rate // see Tick
	lastKey  int64   // time of the newest key frame, in ms of the stream
	keys     int
	interval float64 // between the newest two, in seconds
	searches int     // frames of audio that were looked at for what the stream is

	mu        sync.Mutex
	published published
}

// trackFigures are those of all tracks of a kind.
type trackFigures struct {
	bytes  uint64
	tracks [4]uint64 // a bit for each
	main   uint8     // the lowest id, whose figures are shown
	begun  bool
	is     flv.Description // of the main track, as far as it is known
}

// note counts a packet and reports whether it is one of the main track.
func (t *trackFigures) note(p *media.Packet, size int) (main bool) {
	t.bytes += uint64(size)
	t.add(p.Track)
	for i := range len(p.Tracks) {
		t.add(p.Tracks[i])
	}
	if !t.begun || p.Track < t.main {
		t.main, t.begun, t.is = p.Track, true, flv.Description{}
	}
	return p.Track == t.main
}

func (t *trackFigures) add(track uint8) { t.tracks[track>>6] |= 1 << (track & 63) }

func (t *trackFigures) count() (n int) {
	for _, b := range t.tracks {
		n += bits.OnesCount64(b)
	}
	return n
}

// published is what others see, guarded by Meter.mu.
type published struct {
	counts                       Counts
	video, audio                 flv.Description
	videoTracks, audioTracks     int
	keyFrameSeconds              float64
	bits, videoBits, audioBits   float64
	frames                       float64
	saidWidth, saidHeight        int // by the metadata
	saidSampleRate, saidChannels int
	encoder                      string
}

// searchesMax bounds the frames of audio that are looked at for what no sequence header said.
const searchesMax = 1000

// Note counts a packet. It is borrowed.
func (m *Meter) Note(p *media.Packet) {
	size, main := len(p.Tag()), false
	m.counts.Bytes += uint64(size)
	m.packets++
	switch p.Kind {
	case media.Video:
		if main = m.video.note(p, size); main && p.KeyFrame {
			m.noteKey(p.Time)
		}
		if main && !p.Required {
			m.counts.VideoFrames++
		}
	case media.Audio:
		if main = m.audio.note(p, size); main && !p.Required {
			m.counts.AudioFrames++
		}
	}
	if main && !p.Aside && m.mayTell(p) {
		m.search(p)
	}
}

func (m *Meter) noteKey(at int64) {
	if m.keys++; m.keys > 1 && at > m.lastKey {
		m.interval = float64(at-m.lastKey) / 1000
	}
	m.lastKey = at
}

// mayTell reports whether a packet of a main track may say something new of it: sequence headers and key frames may, since some
// codecs have the size of the picture only there, and audio until it is known.
func (m *Meter) mayTell(p *media.Packet) bool {
	if p.Kind == media.Audio && !p.Required {
		return m.audio.is.SampleRate == 0 && m.searches < searchesMax
	}
	return p.Required || p.KeyFrame
}

// search looks for what the main track is, and makes known at once what is new.
func (m *Meter) search(p *media.Packet) {
	video, audio := m.video.is, m.audio.is
	if p.Kind == media.Video {
		renew(&m.video.is, flv.DescribeVideo(p.Tag()))
	} else {
		renew(&m.audio.is, flv.DescribeAudio(p.Tag()))
		m.searches++
	}
	if m.video.is != video || m.audio.is != audio {
		m.mu.Lock()
		m.describeLocked()
		m.mu.Unlock()
	}
}

// describeLocked makes known what the stream is.
func (m *Meter) describeLocked() {
	p := &m.published
	p.video, p.audio = m.video.is, m.audio.is
	p.videoTracks, p.audioTracks = m.video.count(), m.audio.count()
}

// renew takes what a newer description says.
func renew(known *flv.Description, d flv.Description) {
	if d.Codec != known.Codec {
		*known = d
		return
	}
	newer(&known.Width, d.Width)
	newer(&known.Height, d.Height)
	newer(&known.SampleRate, d.SampleRate)
	newer(&known.Channels, d.Channels)
}

func newer(known *int, n int) {
	if n != 0 {
		*known = n
	}
}

// Describe takes what a publisher says of its stream.
func (m *Meter) Describe(d *media.Metadata) {
	number := func(name string) int {
		text, _ := d.Get(name)
		n, _ := strconv.ParseFloat(text, 64)
		return int(n)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.published
	p.saidWidth, p.saidHeight = number("width"), number("height")
	p.saidSampleRate, p.saidChannels = number("audiosamplerate"), number("audiochannels")
	if stereo, ok := d.Get("stereo"); ok && p.saidChannels == 0 {
		p.saidChannels = 1
		if stereo == "true" {
			p.saidChannels = 2
		}
	}
	encoder, _ := d.Get("encoder")
	p.encoder = Shortened(encoder)
}

// textMax bounds what is shown of texts that strangers choose.
const textMax = 128

// Shortened returns a copy of the beginning of a text that a stranger has chosen. It is kept for as long as a connection
// lasts, and what the text is a part of, such as a whole command, is not to be kept with it.
func Shortened(text string) string { return strings.Clone(text[:min(len(text), textMax)]) }

// Dropped counts a message that was no media, and returns how many there have been.
func (m *Meter) Dropped() uint64 {
	m.counts.Dropped++
	return m.counts.Dropped
}

// Received returns what has come since the beginning.
func (m *Meter) Received() (packets uint64, sums Counts) { return m.packets, m.counts }

// Tick makes the counts known, about once a second and at the end. It returns what has come since the last time.
func (m *Meter) Tick(now time.Time) (more Counts) {
	more = m.counts
	more.Bytes -= m.told.Bytes
	more.VideoFrames -= m.told.VideoFrames
	more.AudioFrames -= m.told.AudioFrames
	more.Dropped -= m.told.Dropped
	m.told = m.counts
	bytes := m.rates[0].Sample(now, m.counts.Bytes)
	video := m.rates[1].Sample(now, m.video.bytes)
	audio := m.rates[2].Sample(now, m.audio.bytes)
	frames := m.rates[3].Sample(now, m.counts.VideoFrames)

	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.published
	m.describeLocked()
	p.counts, p.keyFrameSeconds = m.counts, m.interval
	p.bits, p.videoBits, p.audioBits, p.frames = 8*bytes, 8*video, 8*audio, frames
	return more
}

// Figures adds what is known to s.
func (m *Meter) Figures(s *Stream) {
	m.mu.Lock()
	p := m.published
	m.mu.Unlock()
	s.Bytes, s.BitsPerSecond, s.Dropped, s.Encoder = p.counts.Bytes, p.bits, p.counts.Dropped, p.encoder
	if p.videoTracks > 0 {
		s.Video = &Video{
			Codec: codecName(p.video), Width: either(p.video.Width, p.saidWidth), Height: either(p.video.Height, p.saidHeight),
			Frames: p.counts.VideoFrames, FramesPerSecond: p.frames, KeyFrameSeconds: p.keyFrameSeconds,
			BitsPerSecond: p.videoBits, Tracks: p.videoTracks,
		}
	}
	if p.audioTracks > 0 {
		s.Audio = &Audio{
			Codec: codecName(p.audio), SampleRate: either(p.audio.SampleRate, p.saidSampleRate),
			Channels: either(p.audio.Channels, p.saidChannels),
			Frames:   p.counts.AudioFrames, BitsPerSecond: p.audioBits, Tracks: p.audioTracks,
		}
	}
}

func codecName(d flv.Description) string {
	if d.Codec == (flv.Description{}).Codec {
		return ""
	}
	return d.Codec.String()
}

func either(known, said int) int {
	if known != 0 {
		return known
	}
	return said
}
