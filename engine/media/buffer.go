package media

import (
	"sync"
	"sync/atomic"
)

// Buffer is immutable payload memory with a count of holders. The last Release returns the memory to the
// pool, so a slice from Bytes is only valid as long as the caller holds a count.
type Buffer struct {
	bytes   []byte
	holders atomic.Int32
}

var buffers = sync.Pool{New: func() any { return new(Buffer) }}

// NewBuffer takes p over, which must come from [Alloc], with a count of one for the caller.
func NewBuffer(p []byte) *Buffer {
	b := buffers.Get().(*Buffer)
	b.bytes = p
	b.holders.Store(1)
	return b
}

// CopyBuffer returns a buffer with a copy of p and a count of one for the caller.
func CopyBuffer(p []byte) *Buffer {
	m := Alloc(len(p))
	copy(m, p)
	return NewBuffer(m)
}

// Bytes returns the payload, which nobody may change.
func (b *Buffer) Bytes() []byte { return b.bytes }

// Retain adds a holder. Only a holder may call it. Any goroutine.
func (b *Buffer) Retain() {
	if b.holders.Add(1) <= 1 {
		panic("BUG: media buffer retained after its release")
	}
}

// Release ends one holding. Any goroutine.
func (b *Buffer) Release() {
	left := b.holders.Add(-1)
	if left > 0 {
		return
	}
	if left < 0 {
		panic("BUG: media buffer released twice")
	}
	Free(b.bytes)
	b.bytes = nil
	buffers.Put(b)
}
