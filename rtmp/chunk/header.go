package chunk

import "encoding/binary"

const (
	type0 = iota // whole header, absolute timestamp (RTMP 1.0 §5.3.1.2.1)
	type1        // same message stream id, timestamp delta (§5.3.1.2.2)
	type2        // same message stream id, length and type, timestamp delta (§5.3.1.2.3)
	type3        // everything as before (§5.3.1.2.4)
)

// messageHeaderBytes is the length of the message header by chunk type.
var messageHeaderBytes = [4]int{11, 7, 3, 0}

const (
	chunkStreamMin = 2
	chunkStreamMax = 65599

	// timestampExtended in the 24-bit timestamp field announces a 32-bit field behind the message header
	// (RTMP 1.0 §5.3.1.3).
	timestampExtended = 0xFFFFFF

	messageLengthMax = 0xFFFFFF // the length field has 24 bits

	headerBytesMax = 3 + 11 + 4
)

// parseBasicHeader reads the chunk type and chunk stream id (RTMP 1.0 §5.3.1.1). n is 0 when p is too short.
func parseBasicHeader(p []byte) (chunkType uint8, csid uint32, n int) {
	chunkType, csid = p[0]>>6, uint32(p[0]&0x3F)
	switch csid {
	case 0:
		if len(p) < 2 {
			return 0, 0, 0
		}
		return chunkType, 64 + uint32(p[1]), 2
	case 1:
		if len(p) < 3 {
			return 0, 0, 0
		}
		return chunkType, 64 + uint32(p[1]) + uint32(p[2])<<8, 3
	}
	return chunkType, csid, 1
}

func appendBasicHeader(dst []byte, chunkType uint8, csid uint32) []byte {
	switch {
	case csid < 64:
		return append(dst, chunkType<<6|uint8(csid))
	case csid < 64+256:
		return append(dst, chunkType<<6, uint8(csid-64))
	}
	return append(dst, chunkType<<6|1, uint8(csid-64), uint8((csid-64)>>8))
}

func basicHeaderLen(csid uint32) int {
	switch {
	case csid < 64:
		return 1
	case csid < 64+256:
		return 2
	}
	return 3
}

// header is what one chunk header says. Fields that its type leaves out are zero.
type header struct {
	chunkType uint8
	csid      uint32
	time      uint32 // absolute in type 0, a delta in types 1 and 2
	extended  bool   // time came from the extended timestamp field
	length    int
	msgType   uint8
	streamID  uint32
}

// parseMessageHeader reads what stands between the basic header and the data of a chunk of type 0, 1 or 2: each
// type is a prefix of the one before it. n is 0 when p is too short.
func (h *header) parseMessageHeader(p []byte) (n int) {
	n = messageHeaderBytes[h.chunkType]
	if len(p) < n {
		return 0
	}
	h.time = uint24(p)
	if h.chunkType <= type1 {
		h.length, h.msgType = int(uint24(p[3:])), p[6]
	}
	if h.chunkType == type0 {
		h.streamID = binary.LittleEndian.Uint32(p[7:])
	}
	if h.time == timestampExtended {
		if len(p) < n+4 {
			return 0
		}
		h.time, h.extended = binary.BigEndian.Uint32(p[n:]), true
		n += 4
	}
	return n
}

// append is the inverse of the two parse functions, for type 3 chunks too.
func (h *header) append(dst []byte) []byte {
	dst = appendBasicHeader(dst, h.chunkType, h.csid)
	if h.chunkType <= type2 {
		dst = appendUint24(dst, min(h.time, timestampExtended))
	}
	if h.chunkType <= type1 {
		dst = append(appendUint24(dst, uint32(h.length)), h.msgType)
	}
	if h.chunkType == type0 {
		dst = binary.LittleEndian.AppendUint32(dst, h.streamID)
	}
	if h.extended {
		dst = binary.BigEndian.AppendUint32(dst, h.time)
	}
	return dst
}

func uint24(p []byte) uint32 { return uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2]) }

func appendUint24(dst []byte, v uint32) []byte {
	return append(dst, uint8(v>>16), uint8(v>>8), uint8(v))
}
