package server

import (
	"encoding/binary"

	"mmids/amf"
	"mmids/engine/media"
	"mmids/engine/metadata"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// The chunk streams of the wire log. They differ from those that a session uses, because a chunk header may refer to
// the one before it on its chunk stream and the two are written independently of each other.
const (
	csidVideo  = 4
	csidAudio  = 5
	csidNotice = 7
	csidScript = 8
)

// wireStreamID is the message stream id in the log. Clients create one stream, so nearly all play on it; for others
// the bytes are copied with their id.
const wireStreamID = 1

// wire encodes messages as RTMP chunks for any viewer: each begins with a type 0 header (RTMP 1.0 §5.3.1.2.1).
type wire struct{}

func chunkStreamOf(kind media.Kind) (csid uint32, messageType uint8) {
	switch kind {
	case media.Video:
		return csidVideo, message.TypeVideo
	case media.Audio:
		return csidAudio, message.TypeAudio
	}
	return csidScript, message.TypeDataAMF0
}

func (wire) Len(kind media.Kind, time int64, tagLen int) int {
	csid, _ := chunkStreamOf(kind)
	return chunk.WireLen(tagLen, isExtended(uint32(time)), csid, chunkSize)
}

func (wire) Append(dst []byte, kind media.Kind, time int64, tag []byte) []byte {
	csid, messageType := chunkStreamOf(kind)
	return chunk.AppendType0(dst, &chunk.Message{
		ChunkStream: csid, Type: messageType, StreamID: wireStreamID, Timestamp: uint32(time), Payload: tag,
	}, chunkSize)
}

// Script implements fanout.Format.
func (wire) Script(m *media.Metadata) []byte { return metadata.Script(m) }

// AppendNotice tells viewers of a stream that returns. That it ended is not part of the log: most players stop at once
// when they hear of it, so they are told only if it does not return soon, see watching.noteAbsence.
func (wire) AppendNotice(dst []byte, e media.Event, time int64) []byte {
	if e != media.NewStream {
		return dst
	}
	status := message.Status{
		Level: message.LevelStatus, Code: session.CodePlayPublishNotify, Description: "The stream has a publisher again.",
	}
	body := amf.AppendString(nil, "onStatus")
	body = amf.AppendNumber(body, 0)
	body = amf.AppendNull(body)
	body, err := amf.Append(body, status.Object())
	if err != nil {
		panic("BUG: a status cannot be encoded: " + err.Error())
	}
	return chunk.AppendType0(dst, &chunk.Message{
		ChunkStream: csidNotice, Type: message.TypeCommandAMF0, StreamID: wireStreamID, Timestamp: uint32(time), Payload: body,
	}, chunkSize)
}

// A type 0 header behind a one-byte basic header: timestamp, length, type, message stream id (RTMP 1.0 §5.3.1.2.1).
const (
	timestampAt = 1
	lengthAt    = 4
	typeAt      = 7
	streamIDAt  = 8
	headerLen   = 12
)

func (wire) MessageLen(b []byte) int {
	length := int(b[lengthAt])<<16 | int(b[lengthAt+1])<<8 | int(b[lengthAt+2])
	return chunk.WireLen(length, isExtended(shortTimestamp(b)), csidVideo, chunkSize)
}

func (wire) Time(b []byte) int64 {
	if t := shortTimestamp(b); !isExtended(t) {
		return int64(t)
	}
	return int64(binary.BigEndian.Uint32(b[headerLen:]))
}

// appendOn copies a message for a viewer that plays on another message stream.
func appendOn(streamID uint32, dst, msg []byte) []byte {
	at := len(dst)
	dst = append(dst, msg...)
	binary.LittleEndian.PutUint32(dst[at+streamIDAt:], streamID)
	return dst
}

// body returns the beginning of a message's tag body, up to where its first chunk ends, and says whether that is all.
func body(msg []byte) (b []byte, whole bool) {
	b = msg[headerLen+extendedLen(msg):]
	return b[:min(len(b), chunkSize)], len(b) <= chunkSize
}

// appendBody appends the whole tag body of a message, without the headers between its chunks.
func appendBody(dst, msg []byte) []byte {
	between := 1 + extendedLen(msg)
	msg = msg[headerLen+extendedLen(msg):]
	for len(msg) > chunkSize {
		dst = append(dst, msg[:chunkSize]...)
		msg = msg[chunkSize+between:]
	}
	return append(dst, msg...)
}

// extendedLen is the length of the extended timestamp of a message, if it has one.
func extendedLen(msg []byte) int {
	if isExtended(shortTimestamp(msg)) {
		return 4
	}
	return 0
}

func shortTimestamp(b []byte) uint32 {
	return uint32(b[timestampAt])<<16 | uint32(b[timestampAt+1])<<8 | uint32(b[timestampAt+2])
}

// isExtended reports whether a timestamp does not fit the three bytes of the header (RTMP 1.0 §5.3.1.3).
func isExtended(timestamp uint32) bool { return timestamp >= 0xFFFFFF }
