package media

import "strings"

// Kind is a hint for components that do not care for codecs.
type Kind uint8

const (
	Other Kind = iota
	Audio
	Video
)

func (k Kind) String() string {
	switch k {
	case Audio:
		return "audio"
	case Video:
		return "video"
	}
	return "other"
}

// Payload types that have an agreed name. Every other codec carries the name that package flv gives it.
const (
	TypeH264 = "h264-avc" // length-prefixed NAL units, or the AVC decoder configuration record when Required
	TypeAAC  = "aac-raw"  // a raw AAC frame, or the AudioSpecificConfig when Required
)

// Packet is one coded unit.
type Packet struct {
	Kind     Kind
	Type     string // TypeH264, TypeAAC or another codec's name
	KeyFrame bool   // video: decoding can start here
	Required bool   // who comes late needs it: a sequence header; only for rare units, never for key frames, because these are cached
	Aside    bool   // a required unit that is no sequence header but comes beside one: HDR metadata, order of audio channels
	Track    uint8  // 0 unless the source carries several tracks of one kind; in a unit of several, the first
	Tracks   string // the ids in a required unit of several tracks, a byte each; empty in all other packets

	// Time is the decode time in milliseconds. Its epoch is the source's; 32-bit RTMP times are unwrapped
	// at ingress, so it does not wrap.
	Time int64
	// CompositionTime is how many milliseconds presentation lies after decode; it may be negative.
	CompositionTime int32

	// Body holds the unit as an FLV tag body: HeaderSize bytes of tag header, then the codec's payload.
	Body       *Buffer
	HeaderSize int

	// Attributes carries further facts that steps agree on between themselves. Usually nil.
	Attributes *Attributes
}

// Supersedes reports whether nobody needs an older required packet any more because of p: that is of the same sort, and
// of all tracks of the older one.
func (p *Packet) Supersedes(older *Packet) bool {
	if p.Kind != older.Kind || p.Aside != older.Aside {
		return false
	}
	for i := range len(older.Tracks) {
		if !p.isOf(older.Tracks[i]) {
			return false
		}
	}
	return p.isOf(older.Track)
}

// isOf reports whether a track is among those of a required packet.
func (p *Packet) isOf(track uint8) bool {
	if p.Tracks == "" {
		return p.Track == track
	}
	return strings.IndexByte(p.Tracks, track) >= 0
}

// Tag returns the FLV tag body. The slice is immutable and valid as long as the caller's count on Body.
func (p *Packet) Tag() []byte { return p.Body.Bytes() }

// Payload returns the codec's bytes without the FLV tag header, under the same rule as Tag.
func (p *Packet) Payload() []byte { return p.Body.Bytes()[p.HeaderSize:] }
