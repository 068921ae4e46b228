package message

import (
	"errors"
	"fmt"
)

var (
	// ErrShort means that a body ends before the fields its type must have.
	ErrShort = errors.New("body too short")
	// ErrChunkSize means a chunk size of zero or with its reserved top bit set (RTMP 1.0 §5.4.1).
	ErrChunkSize = errors.New("chunk size is not in 1…2147483647")
	// ErrName means that a command or data message does not begin with a name.
	ErrName = errors.New("no name where one must be")
	// ErrAggregateSize means that a message inside an aggregate claims more bytes than the aggregate has left.
	ErrAggregateSize = errors.New("message inside an aggregate is longer than the aggregate")
	// ErrAggregateCount means that an aggregate holds more than [AggregateMessagesMax] messages.
	ErrAggregateCount = errors.New("too many messages inside an aggregate")
)

// ParseError says which message could not be read, and at which byte of its body.
type ParseError struct {
	Type   uint8
	Offset int
	Err    error
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s message, byte %d: %v", TypeName(e.Type), e.Offset, e.Err)
}

func (e *ParseError) Unwrap() error { return e.Err }
