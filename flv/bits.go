package flv

// bitReader reads numbers of any width, most significant bit first. Behind its end it reads zeros and says so in over,
// so that a parser can read on and look once.
type bitReader struct {
	rest    []byte
	current byte
	left    int // bits of current that have not been read
	over    bool

	// escaped is for NAL units: a 3 behind two zero bytes is not part of the content (H.264 §7.4.1, H.265 §7.4.2).
	escaped bool
	zeros   int // bytes of zero just read
}

func (r *bitReader) nextByte() {
	if r.escaped && r.zeros >= 2 && len(r.rest) > 0 && r.rest[0] == 3 {
		r.rest, r.zeros = r.rest[1:], 0
	}
	r.current, r.left = 0, 8
	if len(r.rest) == 0 {
		r.over = true
		return
	}
	r.current, r.rest = r.rest[0], r.rest[1:]
	if r.zeros++; r.current != 0 {
		r.zeros = 0
	}
}

// bits reads n bits, of which the last 32 count.
func (r *bitReader) bits(n int) (v uint32) {
	for range n {
		if r.left == 0 {
			r.nextByte()
		}
		r.left--
		v = v<<1 | uint32(r.current>>r.left&1)
	}
	return v
}

func (r *bitReader) flag() bool { return r.bits(1) == 1 }

// unsigned reads an Exp-Golomb number, ue(v) of H.264 §9.1 and uvlc() of AV1 §4.10.3. Those that do not fit read as zero
// and count as the end: no parameter is as large.
func (r *bitReader) unsigned() uint32 {
	zeros := 0
	for !r.flag() {
		if zeros++; zeros > 31 || r.over {
			r.over = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// signed is se(v) of H.264 §9.1.1.
func (r *bitReader) signed() int32 {
	v := r.unsigned()
	if v&1 == 1 {
		return int32(v/2 + 1)
	}
	return -int32(v / 2)
}
