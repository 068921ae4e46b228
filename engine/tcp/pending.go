package tcp

import "sync"

// pending is bytes that the peer of a connection has not taken yet. Only while there are any does it have memory.
type pending struct {
	memory *[]byte // from the pool; where buffer goes back to
	buffer []byte
	taken  int // bytes of buffer that the peer has taken
	media  int // bytes of buffer that are media and have a bound of their own
}

// pendingMemory holds the buffers of connections with nothing pending, which are nearly all at any time.
var pendingMemory = sync.Pool{New: func() any { return new([]byte) }}

// pendingKeepBytes is the capacity of an emptied buffer that is worth keeping.
const pendingKeepBytes = 64 << 10

func (p *pending) empty() bool { return p.memory == nil }

// bytes returns what is left.
func (p *pending) bytes() []byte { return p.buffer[p.taken:] }

// control returns how much of what is left is not media, at least. What has been taken is set off against control
// bytes first, so media never counts as control.
func (p *pending) control() int { return max(len(p.buffer)-p.taken-p.media, 0) }

func (p *pending) append(b []byte) {
	if len(b) == 0 {
		return
	}
	if p.memory == nil {
		p.memory = pendingMemory.Get().(*[]byte)
		p.buffer = *p.memory
	}
	// A peer that takes little at a time must not cost a move of everything each time.
	if p.taken > len(p.buffer)/2 && len(p.buffer)+len(b) > cap(p.buffer) {
		p.buffer = p.buffer[:copy(p.buffer, p.bytes())]
		p.taken = 0
	}
	p.buffer = append(p.buffer, b...)
}

// take counts n bytes off.
func (p *pending) take(n int) {
	if p.taken += n; p.taken == len(p.buffer) {
		p.release()
	}
}

// release lets go of what is left and of the memory.
func (p *pending) release() {
	if p.memory != nil {
		if *p.memory = nil; cap(p.buffer) <= pendingKeepBytes {
			*p.memory = p.buffer[:0]
		}
		pendingMemory.Put(p.memory)
	}
	*p = pending{}
}
