package flv

import (
	"encoding/binary"
	"fmt"
)

// TagType says what the body of a tag is. The numbers are also those of the RTMP message types.
type TagType uint8

// Tag types (FLV 10.1, §E.4.1). Others are carried through.
const (
	TagAudio  TagType = 8
	TagVideo  TagType = 9
	TagScript TagType = 18 // AMF: a name such as onMetaData and a value

	tagTypeMax TagType = 1<<5 - 1
)

func (t TagType) String() string {
	switch t {
	case TagAudio:
		return "audio"
	case TagVideo:
		return "video"
	case TagScript:
		return "script"
	}
	return fmt.Sprintf("tag type %d", uint8(t))
}

const (
	fileHeaderSize      = 9
	tagHeaderSize       = 11
	previousTagSizeSize = 4

	fileVersion  = 1
	hasAudioFlag = 0x04
	hasVideoFlag = 0x01
	filterFlag   = 0x20 // the tag is encrypted (FLV 10.1, Annex F)

	// fileHeaderBytesMax bounds the header size that a file may declare. Every known file says 9; the room is for the
	// additions that the field was made for, and keeps a wrong value from swallowing a live stream.
	fileHeaderBytesMax = 64 << 10

	// TagOverhead is what AppendTag adds to a body: the tag header and the size of the tag behind it.
	TagOverhead = tagHeaderSize + previousTagSizeSize
)

// FileHeader begins an FLV file (FLV 10.1, §E.2). Encoders set the two flags carelessly; trust the tags.
type FileHeader struct {
	HasAudio bool
	HasVideo bool
	Size     int // where the first PreviousTagSize begins, at least 9
}

// ParseFileHeader parses the nine bytes that every header begins with. The error is an ErrShort, an ErrNotFLV or, for
// another version than 1, an ErrUnsupported.
func ParseFileHeader(b []byte) (FileHeader, error) {
	if len(b) < fileHeaderSize {
		return FileHeader{}, errFileHeaderShort
	}
	if string(b[:3]) != "FLV" {
		return FileHeader{}, errSignature
	}
	if b[3] != fileVersion {
		return FileHeader{}, errFileVersion
	}
	size := binary.BigEndian.Uint32(b[5:])
	if size < fileHeaderSize || size > fileHeaderBytesMax {
		return FileHeader{}, errFileHeaderSize
	}
	return FileHeader{HasAudio: b[4]&hasAudioFlag != 0, HasVideo: b[4]&hasVideoFlag != 0, Size: int(size)}, nil
}

// AppendFileHeader appends a file header of nine bytes and the PreviousTagSize of zero behind it, so tags can follow.
func AppendFileHeader(dst []byte, hasAudio, hasVideo bool) []byte {
	var flags byte
	if hasAudio {
		flags |= hasAudioFlag
	}
	if hasVideo {
		flags |= hasVideoFlag
	}
	return append(dst, 'F', 'L', 'V', fileVersion, flags, 0, 0, 0, fileHeaderSize, 0, 0, 0, 0)
}

// TagHeader stands in front of the body of a tag (FLV 10.1, §E.4.1):
//
//	reserved (2 bits), filter (1), type (5) | body size (24) | timestamp, lower 24 bits | timestamp, upper 8 | stream id (24)
type TagHeader struct {
	Type      TagType
	BodySize  int    // below 1<<24
	Timestamp uint32 // decode time in milliseconds
}

// ParseTagHeader parses the eleven bytes of a tag header. Reserved bits and the stream id are ignored. The error is an
// ErrShort, or an ErrUnsupported for an encrypted tag, whose body must not be taken for media.
func ParseTagHeader(b []byte) (TagHeader, error) {
	if len(b) < tagHeaderSize {
		return TagHeader{}, errTagHeaderShort
	}
	h := TagHeader{
		Type:      TagType(b[0]) & tagTypeMax,
		BodySize:  int(uint24(b[1:])),
		Timestamp: uint32(b[7])<<24 | uint24(b[4:]),
	}
	if b[0]&filterFlag != 0 {
		return h, errEncrypted
	}
	return h, nil
}

// AppendTag appends a whole tag with stream id 0: header, body and PreviousTagSize. The timestamp is in milliseconds.
// The error is an ErrTooLarge for a body of 1<<24 bytes or more, or an ErrNotEncodable for a type of more than 5 bits;
// dst is then returned as it was.
func AppendTag(dst []byte, t TagType, timestamp uint32, body []byte) ([]byte, error) {
	if t > tagTypeMax {
		return dst, errTagNotEncodable
	}
	if len(body) > uint24Max {
		return dst, errTagTooLarge
	}
	n := uint32(len(body))
	dst = append(dst,
		byte(t), byte(n>>16), byte(n>>8), byte(n),
		byte(timestamp>>16), byte(timestamp>>8), byte(timestamp), byte(timestamp>>24),
		0, 0, 0)
	dst = append(dst, body...)
	return binary.BigEndian.AppendUint32(dst, tagHeaderSize+n), nil
}
