package flv

import "encoding/binary"

// The part that enhanced video and audio headers have in common (Enhanced RTMP v2, ExVideoTagHeader, ExAudioTagHeader):
//
//	first byte     flags, packet type (4 bits)
//	ModEx          while the packet type is ModEx: size - 1 (8 bits; 255 is followed by size - 1 in 16 bits), data,
//	               ModEx type (4 bits), next packet type (4 bits)
//	Multitrack     if the packet type is Multitrack: kind (4 bits), packet type of all tracks (4 bits)
//	FourCC         unless each track names its own
//	track          see tracks.go

const (
	// modExPrefixesMax bounds the chain of ModEx prefixes. Their type has four bits, so a chain that has each once ends at
	// 16; without a bound one 8 MiB message could be a chain of 2.8 million three-byte prefixes.
	modExPrefixesMax = 16

	// modExTimestampOffsetNano is the ModEx type whose data is the nanosecond offset.
	modExTimestampOffsetNano = 0

	// nanosecondOffsetMax is the largest offset below a millisecond, the unit of the timestamp it refines.
	nanosecondOffsetMax = 999_999
)

type exHeader struct {
	packet     byte // the packet type in the numbers of the wire
	multitrack Multitrack
	codec      Codec // zero where each track names its own
	nanosecond uint32
	size       int // bytes read so far
}

// readModEx reads the ModEx prefixes of body. Unknown kinds are skipped, since each says its size. A nanosecond offset
// that is too small in bytes or too large in value is skipped as well: the frame is good without it.
func (x *exHeader) readModEx(body []byte) error {
	x.packet, x.size = body[0]&0xf, 1
	for prefixes := 0; x.packet == exModEx; prefixes++ {
		if prefixes == modExPrefixesMax {
			return errModExChain
		}
		b := body[x.size:]
		if len(b) < 1 {
			return errModExShort
		}
		n, head := int(b[0])+1, 1
		if n == 256 {
			if len(b) < 3 {
				return errModExShort
			}
			n, head = int(binary.BigEndian.Uint16(b[1:]))+1, 3
		}
		end := head + n
		if len(b) <= end {
			return errModExShort
		}
		if kind := b[end] >> 4; kind == modExTimestampOffsetNano && n >= 3 {
			if ns := uint24(b[head:]); ns <= nanosecondOffsetMax {
				x.nanosecond = ns
			}
		}
		x.packet = b[end] & 0xf
		x.size += end + 1
	}
	return nil
}

// readCodec reads the kind of multitrack, if there is one, and the FourCC that all tracks share.
func (x *exHeader) readCodec(body []byte, multitrackPacket byte) error {
	b := body[x.size:]
	if x.packet == multitrackPacket {
		if len(b) < 1 {
			return errExHeaderShort
		}
		kind := Multitrack(b[0]>>4) + OneTrack
		if kind > ManyTracksManyCodecs {
			return errMultitrackKind
		}
		x.multitrack, x.packet = kind, b[0]&0xf
		if x.packet == multitrackPacket || x.packet == exModEx {
			return errMultitrackNested
		}
		x.size++
		b = b[1:]
	}
	if x.multitrack == ManyTracksManyCodecs {
		return nil
	}
	if len(b) < fourCCSize {
		return errExHeaderShort
	}
	codec, err := fourCCAt(b)
	if err != nil {
		return err
	}
	x.codec = codec
	x.size += fourCCSize
	return nil
}

// appendTo writes the header from its first byte, whose high half is flags, to the FourCC. The caller has checked that
// all of it can be written.
func (x *exHeader) appendTo(dst []byte, flags, multitrackPacket byte) []byte {
	outer := x.packet
	if x.multitrack != NoMultitrack {
		outer = multitrackPacket
	}
	if x.nanosecond != 0 {
		ns := x.nanosecond
		dst = append(dst, flags|exModEx, 3-1, byte(ns>>16), byte(ns>>8), byte(ns), modExTimestampOffsetNano<<4|outer)
	} else {
		dst = append(dst, flags|outer)
	}
	if x.multitrack != NoMultitrack {
		dst = append(dst, byte(x.multitrack-OneTrack)<<4|x.packet)
	}
	if x.codec != 0 {
		dst = x.codec.AppendFourCC(dst)
	}
	return dst
}

// encodable reports whether codec and offset fit the form: a FourCC, except where each track brings its own.
func (x *exHeader) encodable() bool {
	perTrack := x.multitrack == ManyTracksManyCodecs
	return x.multitrack <= ManyTracksManyCodecs && x.nanosecond <= nanosecondOffsetMax && (perTrack || x.codec.IsFourCC())
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }

// int24 reads a signed 24-bit number: shifting it to the top of 32 bits and back extends the sign.
func int24(b []byte) int32 { return int32(uint24(b)<<8) >> 8 }

func appendUint24(dst []byte, v uint32) []byte { return append(dst, byte(v>>16), byte(v>>8), byte(v)) }

const (
	uint24Max = 1<<24 - 1
	int24Min  = -1 << 23
	int24Max  = 1<<23 - 1
)
