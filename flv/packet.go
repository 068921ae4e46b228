package flv

import "fmt"

// FrameType is the frame type of a video header, in the numbers of the wire. 0, 6 and 7 are reserved; they are carried
// through, because the frame type (FrameCommand apart) changes nothing about the layout of the header.
type FrameType uint8

// Frame types (FLV 10.1, §E.4.3.1; Enhanced RTMP v2, VideoFrameType).
const (
	FrameKey             FrameType = 1 // a seekable frame
	FrameInter           FrameType = 2
	FrameDisposableInter FrameType = 3 // H.263 only
	FrameGeneratedKey    FrameType = 4 // for servers only
	FrameCommand         FrameType = 5 // no media, a VideoCommand instead

	frameTypeMax FrameType = 7 // the eighth value of the nibble is the mark of the enhanced header
)

func (t FrameType) String() string {
	switch t {
	case FrameKey:
		return "key"
	case FrameInter:
		return "inter"
	case FrameDisposableInter:
		return "disposable inter"
	case FrameGeneratedKey:
		return "generated key"
	case FrameCommand:
		return "command"
	}
	return fmt.Sprintf("frame type %d", uint8(t))
}

// VideoCommand is the content of a command frame.
type VideoCommand uint8

// Video commands (FLV 10.1, §E.4.3.1).
const (
	StartSeek VideoCommand = 0
	EndSeek   VideoCommand = 1
)

// PacketType says what the payload behind a header is. It covers the classic AVC and AAC packet types and the enhanced
// video and audio packet types, which number the same things differently. The zero value is none of them.
type PacketType uint8

// Packet types. Audio has SequenceHeader, CodedFrames, SequenceEnd and MultichannelConfig; video has all but the last.
const (
	PacketSequenceHeader       PacketType = iota + 1 // the decoder configuration
	PacketCodedFrames                                // media; in codecs of NAL units behind a composition time
	PacketCodedFramesX                               // media whose composition time is zero and is not sent
	PacketSequenceEnd                                // nothing more follows until the next sequence header
	PacketMetadata                                   // AMF encoded, such as colorInfo for HDR
	PacketMPEG2TSSequenceStart                       // a sequence header in MPEG-2 TS form (AV1 video descriptor)
	PacketCommand                                    // a VideoCommand in place of a payload
	PacketMultichannelConfig                         // order and mapping of the audio channels
)

var packetTypeNames = [...]string{
	PacketSequenceHeader:       "sequence header",
	PacketCodedFrames:          "coded frames",
	PacketCodedFramesX:         "coded frames X",
	PacketSequenceEnd:          "sequence end",
	PacketMetadata:             "metadata",
	PacketMPEG2TSSequenceStart: "MPEG-2 TS sequence start",
	PacketCommand:              "command",
	PacketMultichannelConfig:   "multichannel config",
}

func (p PacketType) String() string {
	if int(p) < len(packetTypeNames) && packetTypeNames[p] != "" {
		return packetTypeNames[p]
	}
	return fmt.Sprintf("packet type %d", uint8(p))
}

// packetTable gives the meaning of each packet type number in one kind of header; zero stands for reserved.
type packetTable [16]PacketType

var (
	// AVCPacketType (FLV 10.1, §E.4.3.1).
	avcPackets = packetTable{0: PacketSequenceHeader, 1: PacketCodedFrames, 2: PacketSequenceEnd}
	// AACPacketType (FLV 10.1, §E.4.2.1).
	aacPackets = packetTable{0: PacketSequenceHeader, 1: PacketCodedFrames}
	// VideoPacketType (Enhanced RTMP v2) without Multitrack and ModEx, which announce a further packet type.
	exVideoPackets = packetTable{
		0: PacketSequenceHeader, 1: PacketCodedFrames, 2: PacketSequenceEnd, 3: PacketCodedFramesX,
		4: PacketMetadata, 5: PacketMPEG2TSSequenceStart,
	}
	// AudioPacketType (Enhanced RTMP v2), likewise.
	exAudioPackets = packetTable{
		0: PacketSequenceHeader, 1: PacketCodedFrames, 2: PacketSequenceEnd, 4: PacketMultichannelConfig,
	}
)

const (
	exVideoMetadata   = 4
	exVideoMultitrack = 6
	exAudioMultitrack = 5
	exModEx           = 7 // in video and audio
)

// number returns how p is written; ok is false when this kind of header does not have it.
func (t *packetTable) number(p PacketType) (n byte, ok bool) {
	for i, q := range t {
		if q == p && p != 0 {
			return byte(i), true
		}
	}
	return 0, false
}

// at returns the meaning of number n; zero when it is reserved or does not fit in four bits.
func (t *packetTable) at(n byte) PacketType {
	if int(n) >= len(t) {
		return 0
	}
	return t[n]
}
