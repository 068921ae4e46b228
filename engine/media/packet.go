package media

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
	Required bool   // a sequence header; only for rare units, never for key frames, because these are cached
	Track    uint8  // 0 unless the source carries several tracks of one kind

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

// Tag returns the FLV tag body. The slice is immutable and valid as long as the caller's count on Body.
func (p *Packet) Tag() []byte { return p.Body.Bytes() }

// Payload returns the codec's bytes without the FLV tag header, under the same rule as Tag.
func (p *Packet) Payload() []byte { return p.Body.Bytes()[p.HeaderSize:] }
