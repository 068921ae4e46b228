package chunk

import (
	"errors"
	"fmt"
)

// What a Reader refuses. Each arrives inside an [*Error], and each ends the connection, because after it nobody
// knows where the next chunk begins.
var (
	ErrMessageTooLarge     = errors.New("message too large")
	ErrChunkSize           = errors.New("chunk size out of range")
	ErrControlLength       = errors.New("protocol control message too short")
	ErrTooManyChunkStreams = errors.New("too many chunk streams")
	ErrPartialBytes        = errors.New("too much memory in incomplete messages")
	// ErrNoMessageHeader means that a chunk stream began with a type 2 or type 3 header, which leave the
	// message length to an earlier chunk that never came.
	ErrNoMessageHeader = errors.New("first header of a chunk stream has no message length")
)

// ErrClosed is what Feed returns after Close.
var ErrClosed = errors.New("rtmp chunk reader is closed")

// Error says where in the conversation the peer broke a rule.
type Error struct {
	Offset      uint64 // bytes from the start of the chunk stream layer to the chunk at fault
	ChunkStream uint32
	Err         error // wraps one of the sentinels
}

func (e *Error) Error() string {
	return fmt.Sprintf("rtmp chunk at byte %d, chunk stream %d: %v", e.Offset, e.ChunkStream, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }
