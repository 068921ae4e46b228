package server

import (
	"encoding/binary"

	"mmids/engine/media"
	"mmids/engine/metadata"
)

// tags encodes messages as FLV tags, each followed by its size (FLV 10.1, §E.3):
//
//	type (8 bits), length (24), time (24), upper bits of time (8), stream id (24, zero), body, size of all that (32)
type tags struct{}

const (
	tagHeaderLen = 11
	tagSizeLen   = 4
	tagLenAt     = 1
	tagTimeAt    = 4
)

func (tags) Len(_ media.Kind, _ int64, tagLen int) int { return tagHeaderLen + tagLen + tagSizeLen }

func (tags) Append(dst []byte, kind media.Kind, time int64, tag []byte) []byte {
	const audio, video, script = 8, 9, 18
	typ := byte(script)
	switch kind {
	case media.Audio:
		typ = audio
	case media.Video:
		typ = video
	}
	n, t := len(tag), uint32(time)
	dst = append(dst, typ, byte(n>>16), byte(n>>8), byte(n), byte(t>>16), byte(t>>8), byte(t), byte(t>>24), 0, 0, 0)
	dst = append(dst, tag...)
	return binary.BigEndian.AppendUint32(dst, uint32(tagHeaderLen+n))
}

func (tags) Script(m *media.Metadata) []byte { return metadata.Script(m) }

// AppendNotice says nothing: players go on with the tags of the stream that has returned.
func (tags) AppendNotice(dst []byte, _ media.Event, _ int64) []byte { return dst }

func (tags) MessageLen(b []byte) int {
	length := int(b[tagLenAt])<<16 | int(b[tagLenAt+1])<<8 | int(b[tagLenAt+2])
	return tagHeaderLen + length + tagSizeLen
}

func (tags) Time(b []byte) int64 {
	t := b[tagTimeAt:]
	return int64(uint32(t[3])<<24 | uint32(t[0])<<16 | uint32(t[1])<<8 | uint32(t[2]))
}

// appendFileHeader appends what an FLV file begins with, and the size of the tag before the first, which is zero.
func appendFileHeader(dst []byte, flags byte) []byte {
	return append(dst, 'F', 'L', 'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0)
}
