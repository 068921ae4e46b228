// Package chunk splits RTMP messages into chunks and puts chunks together again (RTMP 1.0 §5.3).
//
// An RTMP connection carries messages of up to 16 MB side by side. So that a large video frame does not hold up
// a small audio frame, each message travels on a numbered chunk stream and is cut into chunks, and chunks of
// different chunk streams may alternate:
//
//	+--------------+----------------+--------------------+------------+
//	| basic header | message header | extended timestamp | chunk data |
//	| 1…3 bytes    | 11, 7, 3 or 0  | 0 or 4 bytes       | ≤ chunk    |
//	| type, id     | bytes by type  |                    | size bytes |
//	+--------------+----------------+--------------------+------------+
//
// [Reader] takes bytes as they come from a socket, cut anywhere, and emits messages. [Writer] is its counterpart
// for one connection, with header compression. [AppendType0] encodes a message so that its bytes are the same for
// every receiver, whatever was sent before.
//
// The package does no I/O, reads no clock and starts no goroutine. A Reader or Writer belongs to one goroutine at
// a time.
package chunk

// DefaultChunkSize is the chunk size of both directions until a Set Chunk Size message changes it
// (RTMP 1.0 §5.4.1).
const DefaultChunkSize = 128

// The two messages that steer the chunk layer itself (RTMP 1.0 §5.4.1, §5.4.2).
const (
	typeSetChunkSize = 1
	typeAbort        = 2
)

// Message is one whole RTMP message.
type Message struct {
	ChunkStream uint32 // 2…65599
	Type        uint8  // message type id
	StreamID    uint32 // message stream id
	Timestamp   uint32 // ms as the sender counts them; wraps after 49.7 days
	Payload     []byte // at most 16,777,215 bytes
}
