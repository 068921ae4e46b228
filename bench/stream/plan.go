package stream

import (
	"time"

	"mmids/rtmp/message"
)

// Config is the shape of a stream. All fields are to be set.
type Config struct {
	Bitrate int // bit/s, video and audio together
	FPS     int // video frames per second
	GOP     int // frames from key frame to key frame
}

// AAC-LC of 128 kbit/s at 44.1 kHz has a frame of 1,024 samples 43 times a second.
const (
	audioBytes = 370
	audioEvery = 1024 * time.Second / 44100
)

// keyFactor is how much larger a key frame is than another.
const keyFactor = 6

// BitrateMin is the least that a stream can have: the sound, and frames that hold little more than their mark.
func (c Config) BitrateMin() int { return c.audioBits() + c.FPS*8*2*overhead }

func (c Config) audioBits() int { return int(audioBytes * 8 * time.Second / audioEvery) }

// Period is the time from key frame to key frame, after which a stream repeats itself.
func (c Config) Period() time.Duration {
	return time.Duration(c.GOP) * time.Second / time.Duration(c.FPS)
}

// Plan is the packets of a stream, one after the other, without end.
type Plan struct {
	config       Config
	inter        int // bytes of a frame that is no key frame
	video, audio int // how many there have been
}

func NewPlan(c Config) *Plan {
	// One key frame and GOP-1 others make up the bytes of their time.
	perFrame := (c.Bitrate - c.audioBits()) / (8 * c.FPS)
	return &Plan{config: c, inter: perFrame * c.GOP / (c.GOP - 1 + keyFactor)}
}

// Packet is one that is to be sent.
type Packet struct {
	At   time.Duration // since the beginning of the stream
	Type uint8         // message.TypeVideo or message.TypeAudio
	Key  bool          // a key frame
	Size int           // bytes, of the whole FLV tag body
}

// Timestamp is the packet's RTMP time.
func (p Packet) Timestamp() uint32 { return uint32(p.At.Milliseconds()) }

// Next returns the next packet, in the order of time.
func (p *Plan) Next() Packet {
	video := time.Duration(p.video) * time.Second / time.Duration(p.config.FPS)
	audio := time.Duration(p.audio) * audioEvery
	if audio < video {
		p.audio++
		return Packet{At: audio, Type: message.TypeAudio, Size: audioBytes}
	}
	key := p.video%p.config.GOP == 0
	p.video++
	if key {
		return Packet{At: video, Type: message.TypeVideo, Key: true, Size: keyFactor * p.inter}
	}
	return Packet{At: video, Type: message.TypeVideo, Size: p.inter}
}
