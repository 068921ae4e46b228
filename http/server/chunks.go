package server

import (
	"encoding/binary"
	"encoding/hex"

	"mmids/engine/fanout"
	"mmids/engine/media"
)

// chunks encodes each message of another format as a chunk of an HTTP/1.1 body (RFC 9112 §7.1), so that clients can tell
// the end of a stream from a connection that broke. The size always has eight digits:
//
//	size (hexadecimal), CR LF, message, CR LF
type chunks struct{ fanout.Format }

const (
	chunkSizeDigits = 8
	chunkHeadLen    = chunkSizeDigits + 2
	chunkTailLen    = 2

	lastChunk = "0\r\n\r\n"
)

func (c chunks) Len(kind media.Kind, time int64, tagLen int) int {
	return chunkHeadLen + c.Format.Len(kind, time, tagLen) + chunkTailLen
}

func (c chunks) Append(dst []byte, kind media.Kind, time int64, tag []byte) []byte {
	dst = appendChunkHead(dst, c.Format.Len(kind, time, len(tag)))
	dst = c.Format.Append(dst, kind, time, tag)
	return append(dst, "\r\n"...)
}

func (c chunks) MessageLen(b []byte) int {
	return chunkHeadLen + c.Format.MessageLen(b[chunkHeadLen:]) + chunkTailLen
}

func (c chunks) Time(b []byte) int64 { return c.Format.Time(b[chunkHeadLen:]) }

func appendChunkHead(dst []byte, size int) []byte {
	var b [chunkSizeDigits / 2]byte
	binary.BigEndian.PutUint32(b[:], uint32(size))
	dst = hex.AppendEncode(dst, b[:])
	return append(dst, "\r\n"...)
}

func appendChunk(dst, content []byte) []byte {
	dst = append(appendChunkHead(dst, len(content)), content...)
	return append(dst, "\r\n"...)
}
