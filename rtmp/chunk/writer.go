package chunk

import "slices"

// Writer encodes the messages of one direction of one connection, with the shortest header that the messages
// before allow (RTMP 1.0 §5.3.1.2). It sees only what it encoded itself: whoever drops what Append returned must
// encode the next message on that chunk stream with AppendFull.
//
// Every Append needs a chunk stream id of 2…65599 and a payload of at most 16,777,215 bytes and panics on others:
// both come from our own code, never from a peer.
type Writer struct {
	chunkSize int
	streams   table[writeStream]
}

// writeStream is what the receiver remembers of a chunk stream.
type writeStream struct {
	streamID  uint32
	timestamp uint32
	delta     uint32
	hasDelta  bool // the last header on the wire had a delta that a type 3 header may repeat
	length    int
	msgType   uint8
}

// NewWriter returns a Writer with [DefaultChunkSize].
func NewWriter() *Writer { return &Writer{chunkSize: DefaultChunkSize} }

// SetChunkSize takes effect for the next Append. The receiver must have been sent a Set Chunk Size message with n
// before, which is 1…2³¹−1.
func (w *Writer) SetChunkSize(n uint32) {
	if n == 0 || n >= 1<<31 {
		panic("BUG: rtmp chunk size out of range")
	}
	w.chunkSize = int(n)
}

// Append encodes m behind dst. It keeps no reference to m.
func (w *Writer) Append(dst []byte, m *Message) []byte {
	s := w.streams.find(m.ChunkStream)
	if s == nil {
		return w.AppendFull(dst, m)
	}
	// A type 0 is due whenever time goes backward, also across the 32-bit wrap (RTMP 1.0 §5.3.1.2.1).
	if m.StreamID != s.streamID || m.Timestamp < s.timestamp {
		return w.AppendFull(dst, m)
	}
	delta := m.Timestamp - s.timestamp
	h := header{chunkType: type1, csid: m.ChunkStream, time: delta, extended: delta >= timestampExtended,
		length: len(m.Payload), msgType: m.Type}
	if s.length == len(m.Payload) && s.msgType == m.Type {
		h.chunkType = type2
		if s.hasDelta && s.delta == delta {
			h.chunkType = type3
		}
	}
	s.timestamp, s.length, s.msgType = m.Timestamp, len(m.Payload), m.Type
	// Receivers disagree about extended timestamps in a type 3 header that begins a message.
	s.delta, s.hasDelta = delta, !h.extended
	return appendChunks(dst, &h, m.Payload, w.chunkSize)
}

// AppendFull is Append with a type 0 header, which any receiver understands whatever it got before.
func (w *Writer) AppendFull(dst []byte, m *Message) []byte {
	dst = AppendType0(dst, m, w.chunkSize)
	s := w.streams.find(m.ChunkStream)
	if s == nil {
		s = w.streams.add(m.ChunkStream)
	}
	// Receivers disagree about the delta after a type 0, see ReaderConfig.DeltaAfterType0Max, so none is known.
	*s = writeStream{streamID: m.StreamID, timestamp: m.Timestamp, length: len(m.Payload), msgType: m.Type}
	return dst
}

// AppendType0 encodes m behind dst without any state: a type 0 header, type 3 headers between the chunks, an
// extended timestamp from 0xFFFFFF ms on, repeated in each of them (RTMP 1.0 §5.3.1.3). It keeps no reference to m.
func AppendType0(dst []byte, m *Message, chunkSize int) []byte {
	h := header{chunkType: type0, csid: m.ChunkStream, time: m.Timestamp, extended: m.Timestamp >= timestampExtended,
		length: len(m.Payload), msgType: m.Type, streamID: m.StreamID}
	return appendChunks(dst, &h, m.Payload, chunkSize)
}

// appendChunks writes h and payload, and a type 3 header wherever a chunk is full.
func appendChunks(dst []byte, h *header, payload []byte, chunkSize int) []byte {
	if h.csid < chunkStreamMin || h.csid > chunkStreamMax {
		panic("BUG: rtmp chunk stream id out of range")
	}
	if len(payload) > messageLengthMax {
		panic("BUG: rtmp payload does not fit the 24-bit message length")
	}
	dst = slices.Grow(dst, WireLen(len(payload), h.extended, h.csid, chunkSize))
	dst = h.append(dst)
	h.chunkType = type3
	for len(payload) > chunkSize {
		dst = append(dst, payload[:chunkSize]...)
		dst = h.append(dst)
		payload = payload[chunkSize:]
	}
	return append(dst, payload...)
}

// WireLen returns the length of what [AppendType0] appends, and the greatest length of what Writer.Append
// appends. extended says whether the timestamp, or the delta, is 0xFFFFFF ms or more.
func WireLen(payloadLen int, extended bool, csid uint32, chunkSize int) int {
	headerLen := basicHeaderLen(csid)
	if extended {
		headerLen += 4
	}
	chunks := max(1, (payloadLen+chunkSize-1)/chunkSize)
	return messageHeaderBytes[type0] + chunks*headerLen + payloadLen
}
