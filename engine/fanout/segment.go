package fanout

import (
	"sync"
	"sync/atomic"

	"mmids/engine/media"
)

// segment is a piece of a log. The log holds one count, every visit that borrows it and every viewer that is within
// one of its messages another.
type segment struct {
	base    uint64 // log position of the first byte
	memory  []byte
	used    int   // bytes appended; stream's goroutine only
	last    int64 // the log's age at the last message; stream's goroutine only
	length  int   // bytes published; guarded by the log's lock
	holders atomic.Int32
}

var segments = sync.Pool{New: func() any { return new(segment) }}

func newSegment(base uint64, bytes int) *segment {
	s := segments.Get().(*segment)
	memory := media.Alloc(max(bytes, segmentBytes))
	s.base, s.memory = base, memory[:cap(memory)]
	s.used, s.last, s.length = 0, 0, 0
	s.holders.Store(1)
	return s
}

func (s *segment) end() uint64 { return s.base + uint64(s.used) }

func (s *segment) room() int { return len(s.memory) - s.used }

func (s *segment) release() {
	if s.holders.Add(-1) == 0 {
		media.Free(s.memory)
		s.memory = nil
		segments.Put(s)
	}
}

// view is what a visit sees of a log: a consistent copy of its bounds, with a count on each segment. It is
// reused from visit to visit. The pieces join up and the last one ends at head.
type view struct {
	pieces []piece
	head   uint64
	floor  uint64 // where it begins; a viewer below has fallen too far behind
	first  place
	newest place
	oldest place

	finished bool // nothing will follow head
}

// piece is a published part of a segment.
type piece struct {
	base    uint64
	bytes   []byte
	segment *segment
}

func (v *view) release() {
	for i := range v.pieces {
		v.pieces[i].segment.release()
		v.pieces[i] = piece{}
	}
	v.pieces = v.pieces[:0]
	v.first, v.newest, v.oldest = place{}, place{}, place{}
}

// find returns the index of the piece that holds pos, or len(pieces) at the head, or -1 before the log.
func (v *view) find(pos uint64) int {
	if pos >= v.head {
		return len(v.pieces)
	}
	for i := len(v.pieces) - 1; i >= 0; i-- { // most viewers are near the head
		if v.pieces[i].base <= pos {
			return i
		}
	}
	return -1
}

// rest returns what is left of the message that pos lies in; nothing if pos is where one begins.
func (p *piece) rest(f Format, pos uint64) []byte {
	at, want := 0, int(pos-p.base)
	for at < want {
		at += f.MessageLen(p.bytes[at:])
	}
	return p.bytes[want:at]
}

// spans appends the bytes from pos, which is not before the log, to the head to dst, at most spansMax pieces.
func (v *view) spans(dst [][]byte, pos uint64) [][]byte {
	for i := v.find(pos); i < len(v.pieces) && len(dst) < spansMax; i++ {
		p := v.pieces[i]
		dst = append(dst, p.bytes[pos-p.base:])
		pos = p.base + uint64(len(p.bytes))
	}
	return dst
}
