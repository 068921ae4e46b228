package message

import "mmids/rtmp/chunk"

// AggregateMessagesMax bounds the messages that are read from one aggregate. A message inside costs its sender at least
// 11 bytes, so 8 MiB could hold 700,000 of them; relays put a few dozen into one.
const AggregateMessagesMax = 1024

// Aggregate is several messages in one (RTMP 1.0 §7.1.6). Each has the form of an FLV tag:
//
//	| type (8) | size (24) | timestamp (24) | timestamp high byte (8) | stream id (24) | payload | back pointer (32) |
type Aggregate struct {
	Timestamp uint32 // milliseconds, of the aggregate itself
	StreamID  uint32
	Body      []byte // aliases the payload of the message
}

func (*Aggregate) Type() uint8 { return TypeAggregate }

func (m *Aggregate) AppendBody(dst []byte) ([]byte, error) { return append(dst, m.Body...), nil }

// Messages reads the messages inside.
func (m *Aggregate) Messages() AggregateReader {
	return AggregateReader{aggregate: *m, rest: m.Body}
}

const (
	subHeaderSize   = 11
	backPointerSize = 4
)

// AppendAggregated appends m to the body of an aggregate message. Its payload must be shorter than 16 MiB.
func AppendAggregated(dst []byte, m *chunk.Message) []byte {
	size, t := uint32(len(m.Payload)), m.Timestamp
	dst = append(dst, m.Type,
		byte(size>>16), byte(size>>8), byte(size),
		byte(t>>16), byte(t>>8), byte(t), byte(t>>24),
		byte(m.StreamID>>16), byte(m.StreamID>>8), byte(m.StreamID))
	dst = append(dst, m.Payload...)
	back := size + subHeaderSize
	return append(dst, byte(back>>24), byte(back>>16), byte(back>>8), byte(back))
}

// AggregateReader walks through the messages of an aggregate.
type AggregateReader struct {
	aggregate Aggregate
	rest      []byte
	first     uint32 // timestamp of the first message inside
	count     int
	err       error
}

// Next fills sub with the next message and reports whether there was one. The message has the stream id of the
// aggregate, which overrides its own, and its time moved so that the first message inside is at the aggregate's time
// (RTMP 1.0 §7.1.6). Its payload aliases the aggregate's.
func (r *AggregateReader) Next(sub *chunk.Message) bool {
	if r.err != nil || len(r.rest) == 0 {
		return false
	}
	if r.count == AggregateMessagesMax {
		return r.fail(ErrAggregateCount)
	}
	b := r.rest
	if len(b) < subHeaderSize {
		return r.fail(ErrShort)
	}
	size := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	if size > len(b)-subHeaderSize {
		return r.fail(ErrAggregateSize)
	}
	timestamp := uint32(b[7])<<24 | uint32(b[4])<<16 | uint32(b[5])<<8 | uint32(b[6])
	if r.count == 0 {
		r.first = timestamp
	}
	r.count++
	end := subHeaderSize + size
	*sub = chunk.Message{
		Type:      b[0],
		StreamID:  r.aggregate.StreamID,
		Timestamp: r.aggregate.Timestamp + (timestamp - r.first),
		Payload:   b[subHeaderSize:end:end],
	}
	// The back pointer repeats the size and is not needed. Some relays leave out the last one.
	r.rest = b[min(end+backPointerSize, len(b)):]
	return true
}

// Err is what ended the walk early, a [*ParseError], or nil after the last message.
func (r *AggregateReader) Err() error { return r.err }

func (r *AggregateReader) fail(err error) bool {
	offset := len(r.aggregate.Body) - len(r.rest)
	r.err = &ParseError{Type: TypeAggregate, Offset: offset, Err: err}
	return false
}
