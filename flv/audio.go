package flv

// AudioHeader is the header of an audio tag or of an RTMP audio message. It holds no reference to the body.
type AudioHeader struct {
	// Codec of the media; of the first track in a message of many tracks.
	Codec  Codec
	Packet PacketType
	// SampleRate in hertz (5,512, 11,025, 22,050 or 44,100), SampleBits (8 or 16) and Channels (1 or 2) are what the
	// classic header says, zero in the enhanced form. For AAC they are fixed and mean nothing: the sequence header holds
	// the truth (FLV 10.1, §E.4.2.1).
	SampleRate uint16
	SampleBits uint8
	Channels   uint8
	// Enhanced tells the enhanced (FourCC) form from the classic one.
	Enhanced bool
	// Multitrack, TrackID: with ManyTracks and ManyTracksManyCodecs the id is that of the first track.
	Multitrack Multitrack
	TrackID    uint8
	// NanosecondOffset, 0 to 999,999, adds to the presentation time.
	NanosecondOffset uint32
	// Size is the number of bytes in front of the payload, so body[Size:] is the payload. In a message of many tracks
	// body[Size:] is the list of tracks, which Tracks takes apart.
	Size int
}

// sampleRates in the order of SoundRate, rounded down to whole hertz.
var sampleRates = [4]uint16{5512, 11025, 22050, 44100}

// aacHeaderSize counts the classic first byte and the AAC packet type.
const aacHeaderSize = 2

// ParseAudio parses the header at the beginning of an audio body. The error is an ErrShort when the body ends inside the
// header, and an ErrUnsupported when the header cannot be followed to its end. Codecs that nobody has heard of are not
// an error.
//
// An empty body is an ErrShort too. In RTMP it is a message of its own, announcing silence (Enhanced RTMP v2, "Enhanced
// Audio"); who wants to treat it as such asks for the length first.
func ParseAudio(body []byte) (AudioHeader, error) {
	if len(body) == 0 {
		return AudioHeader{}, errAudioShort
	}
	if body[0]>>4 == soundFormatExHeader {
		return parseExAudio(body)
	}
	return parseClassicAudio(body)
}

func parseClassicAudio(body []byte) (AudioHeader, error) {
	first := body[0]
	h := AudioHeader{
		Codec:      classicAudioCodec(first >> 4),
		Packet:     PacketCodedFrames,
		SampleRate: sampleRates[first>>2&3],
		SampleBits: 8 << (first >> 1 & 1),
		Channels:   1 + first&1,
		Size:       1,
	}
	if h.Codec != AAC {
		return h, nil
	}
	if len(body) < aacHeaderSize {
		return AudioHeader{}, errAudioShort
	}
	h.Packet, h.Size = aacPackets.at(body[1]), aacHeaderSize
	if h.Packet == 0 {
		return AudioHeader{}, errAudioPacket
	}
	return h, nil
}

func parseExAudio(body []byte) (AudioHeader, error) {
	var x exHeader
	if err := x.readModEx(body); err != nil {
		return AudioHeader{}, err
	}
	if err := x.readCodec(body, exAudioMultitrack); err != nil {
		return AudioHeader{}, err
	}
	h := AudioHeader{
		Packet:           exAudioPackets.at(x.packet),
		Enhanced:         true,
		Multitrack:       x.multitrack,
		NanosecondOffset: x.nanosecond,
		Size:             x.size,
	}
	if h.Packet == 0 {
		return AudioHeader{}, errAudioPacket
	}
	first, err := readTrackHead(body[x.size:], x.multitrack, x.codec, false)
	if err != nil {
		return AudioHeader{}, err
	}
	h.Codec, h.TrackID = first.Codec, first.ID
	if !h.Multitrack.isList() {
		h.Size += first.start
	}
	return h, nil
}

// IsSequenceHeader reports whether the body configures the decoder of what follows. All tracks of a message share its
// packet type, so this holds for each of them. A PacketMultichannelConfig is no sequence header: it comes beside one.
func (h AudioHeader) IsSequenceHeader() bool { return h.Packet == PacketSequenceHeader }

// HasModEx is [VideoHeader.HasModEx] for audio.
func (h AudioHeader) HasModEx(body []byte) bool { return h.Enhanced && body[0]&0xf == exModEx }

// Tracks walks over the tracks of body, from which h was parsed. A body without multitrack is one track with id 0.
func (h AudioHeader) Tracks(body []byte) Tracks {
	return newTracks(body, h.Size, h.Multitrack, Track{ID: h.TrackID, Codec: h.Codec}, false)
}

// AppendAudioHeader appends h in its classic or enhanced form; Size is not looked at. In the classic form zero
// SampleRate, SampleBits or Channels stand for 44,100 Hz, 16 bits, stereo, which is what AAC has to say. With ManyTracks
// and ManyTracksManyCodecs it ends where the list of tracks begins, which AppendTrack continues. The error is an
// ErrNotEncodable when the form has no room for something that h holds; dst is then returned as it was.
func AppendAudioHeader(dst []byte, h AudioHeader) ([]byte, error) {
	if h.Enhanced {
		return appendExAudio(dst, h)
	}
	return appendClassicAudio(dst, h)
}

func appendClassicAudio(dst []byte, h AudioHeader) ([]byte, error) {
	format, ok := h.Codec.classicSoundFormat()
	sound, soundOK := h.soundByte()
	if !ok || !soundOK || h.Multitrack != NoMultitrack || h.NanosecondOffset != 0 {
		return dst, errAudioNotEncodable
	}
	first := format<<4 | sound
	if h.Codec != AAC {
		if h.Packet != PacketCodedFrames {
			return dst, errAudioNotEncodable
		}
		return append(dst, first), nil
	}
	packet, ok := aacPackets.number(h.Packet)
	if !ok {
		return dst, errAudioNotEncodable
	}
	return append(dst, first, packet), nil
}

// soundByte returns the lower half of the classic first byte: SoundRate, SoundSize, SoundType.
func (h AudioHeader) soundByte() (b byte, ok bool) {
	switch h.SampleRate {
	case 0, sampleRates[3]:
		b = 3 << 2
	case sampleRates[2]:
		b = 2 << 2
	case sampleRates[1]:
		b = 1 << 2
	case sampleRates[0]:
	default:
		return 0, false
	}
	switch h.SampleBits {
	case 0, 16:
		b |= 1 << 1
	case 8:
	default:
		return 0, false
	}
	switch h.Channels {
	case 0, 2:
		b |= 1
	case 1:
	default:
		return 0, false
	}
	return b, true
}

func appendExAudio(dst []byte, h AudioHeader) ([]byte, error) {
	packet, ok := exAudioPackets.number(h.Packet)
	x := exHeader{packet: packet, multitrack: h.Multitrack, nanosecond: h.NanosecondOffset}
	if h.Multitrack != ManyTracksManyCodecs {
		x.codec = h.Codec
	}
	if !ok || !x.encodable() || h.SampleRate != 0 || h.SampleBits != 0 || h.Channels != 0 {
		return dst, errAudioNotEncodable
	}
	dst = x.appendTo(dst, soundFormatExHeader<<4, exAudioMultitrack)
	if h.Multitrack == OneTrack {
		dst = append(dst, h.TrackID)
	}
	return dst, nil
}

// AppendTrack appends one track, payload included, to a message whose header has been appended with ManyTracks or
// ManyTracksManyCodecs. With ManyTracks the codec is that of h. The error is an ErrNotEncodable or ErrTooLarge (24 bits
// hold the size of a track); dst is then returned as it was.
func (h AudioHeader) AppendTrack(dst []byte, track Track) ([]byte, error) {
	return appendTrack(dst, h.Multitrack, h.Codec, track, false)
}
