package server

import (
	"encoding/binary"

	"mmids/engine/media"
)

// frames encodes messages as FLV tags, each in a binary WebSocket frame (RFC 6455 §5.2). What a server sends is not masked,
// so that all viewers get the same bytes.
type frames struct{ tags }

func (f frames) Len(kind media.Kind, time int64, tagLen int) int {
	n := f.tags.Len(kind, time, tagLen)
	return frameHeaderLen(n) + n
}

func (f frames) Append(dst []byte, kind media.Kind, time int64, tag []byte) []byte {
	dst = appendFrameHeader(dst, opBinary, f.tags.Len(kind, time, len(tag)))
	return f.tags.Append(dst, kind, time, tag)
}

func (frames) MessageLen(b []byte) int {
	switch n := int(b[1]); n {
	case length64:
		return 10 + int(binary.BigEndian.Uint64(b[2:]))
	case length16:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	default:
		return 2 + n
	}
}

func (f frames) Time(b []byte) int64 { return f.tags.Time(b[frameHeaderLenOf(b[1]):]) }

// The opcodes of frames (RFC 6455 §11.8).
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// The values of the first length that say that another follows.
const (
	length16 = 126
	length64 = 127
)

const finalFrame = 0x80

func frameHeaderLen(n int) int {
	switch {
	case n < length16:
		return 2
	case n <= 0xFFFF:
		return 4
	}
	return 10
}

// frameHeaderLenOf is the length of a header without a mask, given its first length.
func frameHeaderLenOf(first byte) int {
	switch first &^ maskBit {
	case length64:
		return 10
	case length16:
		return 4
	}
	return 2
}

// appendFrameHeader appends the header of an unfragmented frame with n bytes of payload.
func appendFrameHeader(dst []byte, op byte, n int) []byte {
	switch frameHeaderLen(n) {
	case 2:
		return append(dst, finalFrame|op, byte(n))
	case 4:
		return append(dst, finalFrame|op, length16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, finalFrame|op, length64), uint64(n))
}

func appendFrame(dst []byte, op byte, payload []byte) []byte {
	return append(appendFrameHeader(dst, op, len(payload)), payload...)
}
