package flv

// VideoHeader is the header of a video tag or of an RTMP video message. It holds no reference to the body.
type VideoHeader struct {
	// Codec of the media; of the first track in a message of many tracks; zero in an enhanced command frame.
	Codec     Codec
	FrameType FrameType
	Packet    PacketType
	// Enhanced tells the enhanced (FourCC) form from the classic one.
	Enhanced bool
	// Multitrack, TrackID: with ManyTracks and ManyTracksManyCodecs the id is that of the first track.
	Multitrack Multitrack
	TrackID    uint8
	// Command is the command of a PacketCommand.
	Command VideoCommand
	// CompositionTime is the presentation time minus the decode time (the tag's timestamp) in milliseconds. It fits in 24
	// bits and may be negative. In a message of many tracks it is that of the first.
	CompositionTime int32
	// NanosecondOffset, 0 to 999,999, adds to the presentation time.
	NanosecondOffset uint32
	// Size is the number of bytes in front of the payload, so body[Size:] is the payload. In a message of many tracks
	// body[Size:] is the list of tracks, which Tracks takes apart.
	Size int
}

// exVideoFlag in the first byte marks the enhanced header (Enhanced RTMP v2, isExVideoHeader).
const exVideoFlag = 0x80

// avcHeaderSize counts frame type and codec, packet type, composition time.
const avcHeaderSize = 5

// ParseVideo parses the header at the beginning of a video body. The error is an ErrShort when the body ends inside the
// header, and an ErrUnsupported when the header cannot be followed to its end. Codecs that nobody has heard of are not
// an error. A body that is nothing but a header is accepted: cameras send frames without any NAL unit.
func ParseVideo(body []byte) (VideoHeader, error) {
	if len(body) == 0 {
		return VideoHeader{}, errVideoShort
	}
	if body[0]&exVideoFlag != 0 {
		return parseExVideo(body)
	}
	return parseClassicVideo(body)
}

func parseClassicVideo(body []byte) (VideoHeader, error) {
	h := VideoHeader{
		Codec:     classicVideoCodec(body[0] & 0xf),
		FrameType: FrameType(body[0] >> 4),
		Packet:    PacketCodedFrames,
		Size:      1,
	}
	if h.FrameType == FrameCommand {
		if len(body) < 2 {
			return VideoHeader{}, errVideoShort
		}
		h.Packet, h.Command, h.Size = PacketCommand, VideoCommand(body[1]), 2
		return h, nil
	}
	if !h.Codec.hasAVCLayout() {
		return h, nil
	}
	if len(body) < avcHeaderSize {
		return VideoHeader{}, errVideoShort
	}
	h.Packet, h.Size = avcPackets.at(body[1]), avcHeaderSize
	switch h.Packet {
	case 0:
		return VideoHeader{}, errVideoPacket
	case PacketCodedFrames:
		h.CompositionTime = int24(body[2:])
	}
	return h, nil
}

func parseExVideo(body []byte) (VideoHeader, error) {
	var x exHeader
	if err := x.readModEx(body); err != nil {
		return VideoHeader{}, err
	}
	h := VideoHeader{
		FrameType:        FrameType(body[0]>>4) & frameTypeMax,
		Enhanced:         true,
		NanosecondOffset: x.nanosecond,
	}
	// The frame type of a metadata packet means nothing (Enhanced RTMP v2, VideoPacketType.Metadata).
	if h.FrameType == FrameCommand && x.packet != exVideoMetadata {
		if len(body) <= x.size {
			return VideoHeader{}, errVideoShort
		}
		h.Packet, h.Command, h.Size = PacketCommand, VideoCommand(body[x.size]), x.size+1
		return h, nil
	}
	if err := x.readCodec(body, exVideoMultitrack); err != nil {
		return VideoHeader{}, err
	}
	h.Multitrack, h.Packet, h.Size = x.multitrack, exVideoPackets.at(x.packet), x.size
	if h.Packet == 0 {
		return VideoHeader{}, errVideoPacket
	}
	first, err := readTrackHead(body[x.size:], x.multitrack, x.codec, h.Packet == PacketCodedFrames)
	if err != nil {
		return VideoHeader{}, err
	}
	h.Codec, h.TrackID, h.CompositionTime = first.Codec, first.ID, first.CompositionTime
	if !h.Multitrack.isList() {
		h.Size += first.start
	}
	return h, nil
}

// IsKeyFrame reports whether the body holds frames at which decoding can begin: coded frames of frame type 1. Sequence
// headers carry the same frame type and are not meant; neither are generated key frames. All tracks of a message share
// its frame type, so this holds for each of them.
func (h VideoHeader) IsKeyFrame() bool {
	return h.FrameType == FrameKey && (h.Packet == PacketCodedFrames || h.Packet == PacketCodedFramesX)
}

// IsSequenceHeader reports whether the body configures the decoder of what follows, in either of the two forms. All
// tracks of a message share its packet type, so this holds for each of them.
func (h VideoHeader) IsSequenceHeader() bool {
	return h.Packet == PacketSequenceHeader || h.Packet == PacketMPEG2TSSequenceStart
}

// HasModEx reports whether the header of body, from which h was parsed, has ModEx prefixes, such as a nanosecond offset.
func (h VideoHeader) HasModEx(body []byte) bool { return h.Enhanced && body[0]&0xf == exModEx }

// Tracks walks over the tracks of body, from which h was parsed. A body without multitrack is one track with id 0, and a
// command frame has none.
func (h VideoHeader) Tracks(body []byte) Tracks {
	if h.Packet == PacketCommand {
		return Tracks{}
	}
	first := Track{ID: h.TrackID, Codec: h.Codec, CompositionTime: h.CompositionTime}
	return newTracks(body, h.Size, h.Multitrack, first, h.Packet == PacketCodedFrames)
}

// AppendVideoHeader appends h in its classic or enhanced form; Size is not looked at. With ManyTracks and
// ManyTracksManyCodecs it ends where the list of tracks begins, which AppendTrack continues. The error is an
// ErrNotEncodable when the form has no room for something that h holds; dst is then returned as it was.
func AppendVideoHeader(dst []byte, h VideoHeader) ([]byte, error) {
	// In a multitrack header the packet type is read after the frame type, and cannot take its meaning away.
	isCommand := h.FrameType == FrameCommand && (h.Packet != PacketMetadata || h.Multitrack != NoMultitrack)
	if h.FrameType > frameTypeMax || isCommand != (h.Packet == PacketCommand) {
		return dst, errVideoNotEncodable
	}
	if h.Enhanced {
		return appendExVideo(dst, h)
	}
	return appendClassicVideo(dst, h)
}

func appendClassicVideo(dst []byte, h VideoHeader) ([]byte, error) {
	id, ok := h.Codec.classicVideoID()
	if !ok || h.Multitrack != NoMultitrack || h.NanosecondOffset != 0 {
		return dst, errVideoNotEncodable
	}
	first := byte(h.FrameType)<<4 | id
	if h.Packet == PacketCommand {
		return append(dst, first, byte(h.Command)), nil
	}
	timed := h.Codec.hasAVCLayout() && h.Packet == PacketCodedFrames
	if !compositionTimeFits(h.CompositionTime, timed) {
		return dst, errVideoNotEncodable
	}
	if !h.Codec.hasAVCLayout() {
		if h.Packet != PacketCodedFrames {
			return dst, errVideoNotEncodable
		}
		return append(dst, first), nil
	}
	packet, ok := avcPackets.number(h.Packet)
	if !ok {
		return dst, errVideoNotEncodable
	}
	return appendUint24(append(dst, first, packet), uint32(h.CompositionTime)), nil
}

func appendExVideo(dst []byte, h VideoHeader) ([]byte, error) {
	flags := exVideoFlag | byte(h.FrameType)<<4
	x := exHeader{multitrack: h.Multitrack, nanosecond: h.NanosecondOffset}
	if h.Packet == PacketCommand {
		if h.Multitrack != NoMultitrack || h.NanosecondOffset > nanosecondOffsetMax {
			return dst, errVideoNotEncodable
		}
		// The packet type of a command frame has no meaning. CodedFrames keeps receivers that overlook the frame type from
		// storing the command as a sequence header.
		x.packet, _ = exVideoPackets.number(PacketCodedFrames)
		return append(x.appendTo(dst, flags, exVideoMultitrack), byte(h.Command)), nil
	}
	packet, ok := exVideoPackets.number(h.Packet)
	if !ok {
		return dst, errVideoNotEncodable
	}
	x.packet = packet
	if h.Multitrack != ManyTracksManyCodecs {
		x.codec = h.Codec
	}
	timed := h.Packet == PacketCodedFrames && h.Codec.hasCompositionTime()
	if !x.encodable() || !h.Multitrack.isList() && !compositionTimeFits(h.CompositionTime, timed) {
		return dst, errVideoNotEncodable
	}
	dst = x.appendTo(dst, flags, exVideoMultitrack)
	if h.Multitrack.isList() {
		return dst, nil
	}
	if h.Multitrack == OneTrack {
		dst = append(dst, h.TrackID)
	}
	if timed {
		dst = appendUint24(dst, uint32(h.CompositionTime))
	}
	return dst, nil
}

// AppendTrack appends one track, payload included, to a message whose header has been appended with ManyTracks or
// ManyTracksManyCodecs. With ManyTracks the codec is that of h. The error is an ErrNotEncodable or ErrTooLarge (24 bits
// hold the size of a track); dst is then returned as it was.
func (h VideoHeader) AppendTrack(dst []byte, track Track) ([]byte, error) {
	return appendTrack(dst, h.Multitrack, h.Codec, track, h.Packet == PacketCodedFrames)
}
