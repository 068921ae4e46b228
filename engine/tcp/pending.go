package tcp

// pending is bytes that the peer of a connection has not taken yet.
type pending struct {
	buffer []byte
	taken  int // bytes of buffer that the peer has taken
	media  int // bytes of buffer that are media and have a bound of their own
}

// pendingKeepBytes is the capacity of an emptied buffer that is worth keeping.
const pendingKeepBytes = 4 << 10

// bytes returns what is left.
func (p *pending) bytes() []byte { return p.buffer[p.taken:] }

// control returns how much of what is left is not media, at least. What has been taken is set off against control
// bytes first, so media never counts as control.
func (p *pending) control() int { return max(len(p.buffer)-p.taken-p.media, 0) }

func (p *pending) append(b []byte) {
	// A peer that takes little at a time must not cost a move of everything each time.
	if p.taken > len(p.buffer)/2 && len(p.buffer)+len(b) > cap(p.buffer) {
		p.buffer = p.buffer[:copy(p.buffer, p.bytes())]
		p.taken = 0
	}
	p.buffer = append(p.buffer, b...)
}

// take counts n bytes off.
func (p *pending) take(n int) {
	if p.taken += n; p.taken < len(p.buffer) {
		return
	}
	*p = pending{buffer: p.buffer[:0]}
	if cap(p.buffer) > pendingKeepBytes {
		p.buffer = nil
	}
}
