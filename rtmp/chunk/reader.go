package chunk

import (
	"encoding/binary"
	"fmt"
)

// ReaderConfig has a zero value that works.
type ReaderConfig struct {
	// Memory holds the payloads. Nil means make and the garbage collector.
	Memory Memory
	Limits Limits

	// DeltaAfterType0Max, in ms, decides what a type 3 header means that begins a message right after a
	// message with a type 0 header. By RTMP 1.0 §5.3.1.2.4 the timestamp of the type 0 is the delta: ffmpeg and
	// GStreamer's rtmp2sink send this when their second frame is as far from the first as the first is from
	// zero. librtmp and nginx-rtmp send it when the time has not moved at all. The two differ in how far the
	// type 0's timestamp is from zero, so a timestamp above DeltaAfterType0Max is not believed as a delta and the
	// delta is 0. Zero means 10,000; math.MaxUint32 means always by the letter.
	DeltaAfterType0Max uint32
}

// Reader puts the chunks of one direction of one connection together. It applies Set Chunk Size and Abort
// (RTMP 1.0 §5.4.1, §5.4.2) itself, at once and on whatever chunk stream they come, and emits them as well.
//
// Where the specification is silent or peers do not follow it:
//   - A header of type 0, 1 or 2 on a chunk stream whose message is not complete drops that message.
//   - A chunk stream may begin with type 1, as the pings of librtmp do; its base is timestamp 0 and message
//     stream 0. Types 2 and 3 there are an error, because the message length is not known.
//   - The state of a chunk stream lives as long as the connection. The first chunk on one more than
//     Limits.ChunkStreamsMax is an error.
//   - Type 3 headers may repeat the extended timestamp or leave it out, see repeatHabit.
type Reader struct {
	memory    Memory
	limits    Limits
	deltaMax  uint32 // ReaderConfig.DeltaAfterType0Max
	chunkSize int

	streams   table[readStream]
	habit     repeatHabit
	held      int // payload memory of incomplete messages
	earned    int // length of the largest complete message
	total     uint64
	offset    uint64 // where the current chunk begins
	current   uint32 // chunk stream of the current chunk
	chunkLeft int    // data bytes of the current chunk that have not come yet

	stash   [headerBytesMax]byte // the beginning of a header whose end has not come yet
	stashed int

	msg Message
	err error
}

// readStream is what a chunk stream remembers from one chunk to the next.
type readStream struct {
	header           // of the message begun last; time as on the wire
	timestamp uint32 // absolute, of the message begun last
	delta     uint32 // for a type 3 header that begins a message
	open      bool   // a message has begun and is not complete
	received  int
	payload   []byte // from Memory; its length may be less than the message's
}

// NewReader returns a Reader at the first byte behind the handshake.
func NewReader(c ReaderConfig) *Reader {
	r := &Reader{memory: c.Memory, limits: c.Limits.WithDefaults(), deltaMax: c.DeltaAfterType0Max, chunkSize: DefaultChunkSize}
	if r.memory == nil {
		r.memory = garbageCollected{}
	}
	if r.deltaMax == 0 {
		r.deltaMax = deltaAfterType0Max
	}
	return r
}

// Feed consumes all of b and calls emit for each message that b completes, in order. It keeps no reference to b.
//
// m is valid until emit returns. m.Payload passes to emit's callee for good, also when emit returns an error: it
// comes from Memory.Alloc with its base unchanged and the callee owes it to Memory.Free. emit must not call
// Feed or Close.
//
// A broken rule is an [*Error]; an error of emit is returned as it is. Either is final: later calls return it again.
func (r *Reader) Feed(b []byte, emit func(m *Message) error) error {
	if r.err == nil {
		r.err = r.feed(b, emit)
	}
	return r.err
}

// Close frees the messages that are not complete. Feed then returns [ErrClosed], or the error it failed with.
func (r *Reader) Close() {
	for i := range r.streams.states {
		r.drop(&r.streams.states[i])
	}
	if r.err == nil {
		r.err = ErrClosed
	}
}

// SetPartialBytesMax changes Limits.PartialBytesMax, in bytes, for what comes from now on: a peer that nobody knows yet needs
// less than one that publishes.
func (r *Reader) SetPartialBytesMax(n int) { r.limits.PartialBytesMax = n }

// BytesRead returns how many bytes Feed has consumed. Inside emit they end with the last byte of the message.
func (r *Reader) BytesRead() uint64 { return r.total + uint64(r.stashed) }

func (r *Reader) feed(b []byte, emit func(m *Message) error) (err error) {
	for len(b) > 0 && err == nil {
		if r.chunkLeft > 0 {
			b, err = r.takeData(b, emit)
		} else {
			b, err = r.takeHeader(b, emit)
		}
	}
	return err
}

// takeHeader consumes one chunk header, or stashes b when the header ends behind it.
func (r *Reader) takeHeader(b []byte, emit func(m *Message) error) (rest []byte, err error) {
	p := b
	if r.stashed > 0 {
		p = r.stash[:r.stashed+copy(r.stash[r.stashed:], b)]
	}
	h, n := r.parseHeader(p)
	if n == 0 {
		if r.stashed == 0 {
			copy(r.stash[:], b)
		}
		r.stashed = len(p)
		return nil, nil
	}
	earlier := r.stashed
	r.stashed = 0
	r.offset = r.total
	r.total += uint64(n)
	r.current = h.csid
	if err := r.beginChunk(&h, emit); err != nil || n >= earlier {
		return b[max(0, n-earlier):], err
	}
	// What was stashed as the beginning of a repeated timestamp has turned out to be data.
	var data [headerBytesMax]byte
	k := copy(data[:], r.stash[n:earlier])
	return b, r.feed(data[:k], emit)
}

// parseHeader reads the chunk header that p begins with. n is 0 when p is too short to tell.
func (r *Reader) parseHeader(p []byte) (h header, n int) {
	h.chunkType, h.csid, n = parseBasicHeader(p)
	if n == 0 {
		return h, 0
	}
	if h.chunkType < type3 {
		m := h.parseMessageHeader(p[n:])
		if m == 0 {
			return h, 0
		}
		return h, n + m
	}
	s := r.streams.find(h.csid)
	if s == nil || !s.extended {
		return h, n
	}
	m, enough := r.habit.repeatedBytes(s, p[n:])
	if !enough {
		return h, 0
	}
	return h, n + m
}

// beginChunk applies a chunk header.
func (r *Reader) beginChunk(h *header, emit func(m *Message) error) error {
	s := r.streams.find(h.csid)
	if s == nil {
		if h.chunkType > type1 {
			return r.fail(ErrNoMessageHeader)
		}
		if len(r.streams.states) >= r.limits.ChunkStreamsMax {
			return r.fail(fmt.Errorf("%w: more than %d", ErrTooManyChunkStreams, r.limits.ChunkStreamsMax))
		}
		s = r.streams.add(h.csid)
	}
	if h.chunkType == type3 && s.open {
		r.chunkLeft = min(r.chunkSize, s.length-s.received)
		return nil
	}
	r.drop(s)
	s.inherit(h, r.deltaMax)
	if s.length > r.limits.MessageBytesMax {
		return r.fail(fmt.Errorf("%w: %d bytes, at most %d are accepted", ErrMessageTooLarge, s.length, r.limits.MessageBytesMax))
	}
	s.open = true
	if err := r.resize(s, min(s.length, max(eagerBytes, r.earned))); err != nil {
		return err
	}
	r.chunkLeft = min(r.chunkSize, s.length)
	if s.length == 0 {
		return r.complete(s, emit)
	}
	return nil
}

// inherit takes what h says over and fills the rest from the message before (RTMP 1.0 §5.3.1.2).
func (s *readStream) inherit(h *header, deltaMax uint32) {
	s.csid = h.csid
	switch h.chunkType {
	case type0:
		s.header = *h
		s.timestamp, s.delta = h.time, h.time
		if h.time > deltaMax {
			s.delta = 0
		}
		return
	case type1:
		s.length, s.msgType = h.length, h.msgType
		fallthrough
	case type2:
		s.time, s.extended = h.time, h.extended
		s.delta = h.time
	}
	s.timestamp += s.delta
}

// takeData consumes data of the current chunk.
func (r *Reader) takeData(b []byte, emit func(m *Message) error) (rest []byte, err error) {
	s := r.streams.find(r.current)
	n := min(len(b), r.chunkLeft)
	end := s.received + n
	if end > len(s.payload) {
		if err := r.resize(s, min(s.length, max(end, 2*len(s.payload)))); err != nil {
			return b, err
		}
	}
	copy(s.payload[s.received:end], b)
	s.received = end
	r.chunkLeft -= n
	r.total += uint64(n)
	if end == s.length {
		err = r.complete(s, emit)
	}
	return b[n:], err
}

// resize gives s memory of size bytes in place of what it has. For the time of the copy there are both.
func (r *Reader) resize(s *readStream, size int) error {
	held := r.held + size - len(s.payload)
	if held > r.limits.PartialBytesMax {
		return r.fail(fmt.Errorf("%w: %d bytes, at most %d are accepted", ErrPartialBytes, held, r.limits.PartialBytesMax))
	}
	old := s.payload
	s.payload = r.memory.Alloc(size)
	r.held = held
	if old != nil {
		copy(s.payload, old[:s.received])
		r.memory.Free(old)
	}
	return nil
}

// complete emits the message of s, after doing what it asks of the chunk layer.
func (r *Reader) complete(s *readStream, emit func(m *Message) error) error {
	if s.msgType == typeSetChunkSize || s.msgType == typeAbort {
		if err := r.control(s.msgType, s.payload); err != nil {
			return err
		}
	}
	r.msg = Message{ChunkStream: s.csid, Type: s.msgType, StreamID: s.streamID, Timestamp: s.timestamp, Payload: s.payload}
	r.earned = max(r.earned, s.length)
	r.release(s)
	err := emit(&r.msg)
	r.msg.Payload = nil
	return err
}

func (r *Reader) control(msgType uint8, body []byte) error {
	if len(body) < 4 {
		return r.fail(fmt.Errorf("%w: type %d with %d bytes", ErrControlLength, msgType, len(body)))
	}
	value := binary.BigEndian.Uint32(body)
	if msgType == typeAbort {
		// The named chunk stream may be the one that carries the abort: that message is complete, not partial.
		if s := r.streams.find(value); s != nil && value != r.current {
			r.drop(s)
		}
		return nil
	}
	if value == 0 || value>>31 != 0 || uint64(value) > uint64(r.limits.ChunkSizeMax) {
		return r.fail(fmt.Errorf("%w: %d, accepted are 1 to %d", ErrChunkSize, value, r.limits.ChunkSizeMax))
	}
	r.chunkSize = int(value)
	return nil
}

// drop frees the message of s if it is not complete.
func (r *Reader) drop(s *readStream) {
	if s.payload != nil {
		r.memory.Free(s.payload)
	}
	r.release(s)
}

// release ends the message of s without freeing its payload.
func (r *Reader) release(s *readStream) {
	r.held -= len(s.payload)
	s.open, s.received, s.payload = false, 0, nil
}

func (r *Reader) fail(err error) error {
	return &Error{Offset: r.offset, ChunkStream: r.current, Err: err}
}
