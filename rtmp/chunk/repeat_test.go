package chunk

import (
	"fmt"
	"testing"
)

// message appends a message of any size at the default chunk size, repeating an extended timestamp or not.
func (w *wire) continued(csid, field uint32, p []byte, repeat bool) *wire {
	for i, part := range split(p, 128) {
		if i > 0 {
			w.t3(csid)
			if repeat {
				w.extended(field)
			}
		}
		w.data(part)
	}
	return w
}

func TestExtendedTimestamp(t *testing.T) {
	for _, time := range []uint32{0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFFF} {
		for _, repeat := range []bool{true, false} {
			t.Run(fmt.Sprintf("%#x/repeat=%v", time, repeat), func(t *testing.T) {
				p, q := pattern(300, 1), pattern(131, 2)
				w := new(wire)
				w.t0(6, time, len(p), 9, 1).continued(6, time, p, repeat)
				w.t0(4, time, len(q), 8, 1).continued(4, time, q, repeat)
				w.t1(6, 5, len(q), 9).continued(6, 5, q, repeat)
				everyCut(t, ReaderConfig{}, w,
					Message{6, 9, 1, time, p}, Message{4, 8, 1, time, q}, Message{6, 9, 1, time + 5, q})
			})
		}
	}
}

// In types 1 and 2 the extended field is a delta like the 24-bit one, however large.
func TestExtendedDelta(t *testing.T) {
	for _, delta := range []uint32{0xFFFFFE, 0xFFFFFF, 0x1000000, 0x80000000} {
		for _, repeat := range []bool{true, false} {
			t.Run(fmt.Sprintf("%#x/repeat=%v", delta, repeat), func(t *testing.T) {
				p := pattern(300, 1)
				w := new(wire)
				w.t0(6, 1000, 1, 9, 1).data([]byte("x"))
				w.t1(6, delta, len(p), 9).continued(6, delta, p, repeat)
				w.t2(6, delta).continued(6, delta, p, repeat)
				everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, 1000, []byte("x")},
					Message{6, 9, 1, 1000 + delta, p}, Message{6, 9, 1, 1000 + 2*delta, p})
			})
		}
	}
}

// A type 3 header that begins a message after an extended one may carry the field or not, on either kind of peer.
func TestExtendedTimestampInType3ThatBegins(t *testing.T) {
	const time, delta = 0x2000000, 0x1000001
	p := pattern(130, 1)
	for _, repeat := range []bool{true, false} {
		for _, begin := range []bool{true, false} {
			w := new(wire).t0(6, time, len(p), 9, 1).continued(6, time, p, repeat)
			w.t2(6, delta).continued(6, delta, p, repeat)
			w.t3(6)
			if begin {
				w.be32(delta)
			}
			w.continued(6, delta, p, repeat)
			everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, time, p}, Message{6, 9, 1, time + delta, p},
				Message{6, 9, 1, time + 2*delta, p})
		}
	}
}

// Once the habit is known, data that looks like the timestamp stays data, and a repeat is not compared any more.
func TestRepeatHabitIsRemembered(t *testing.T) {
	const time = 0x1020304
	lookalike := append(pattern(128, 1), 1, 2, 3, 4, 5, 6)
	w := new(wire)
	w.t0(6, time, 130, 9, 1).continued(6, time, pattern(130, 2), false)
	w.t0(4, time, len(lookalike), 8, 1).continued(4, time, lookalike, false)
	everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, time, pattern(130, 2)}, Message{4, 8, 1, time, lookalike})

	w = new(wire)
	w.t0(6, time, 130, 9, 1).continued(6, time, pattern(130, 2), true)
	w.t0(4, time, 130, 8, 1).continued(4, time+1, pattern(130, 3), true)
	everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, time, pattern(130, 2)}, Message{4, 8, 1, time, pattern(130, 3)})
}

// A message that ends in the first bytes of its own timestamp: what was held back for the comparison is the end
// of this message and the header of the next.
func TestDataHeldBackForComparison(t *testing.T) {
	const time = 0x4060708 // 04 is also a type 0 header on chunk stream 4
	for k := 1; k <= 3; k++ {
		tail := []byte{4, 6, 7, 8}[:k]
		p := append(pattern(128, 1), tail...)
		w := new(wire).t0(6, time, len(p), 9, 1).continued(6, time, p, false)
		w.t0(4, 6<<16|0x0999, 1, 8, 1).data([]byte("x")).t3(4).data([]byte("y"))
		everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, time, p}, Message{4, 8, 1, 0x60999, []byte("x")},
			Message{4, 8, 1, 0x60999, []byte("y")})
	}
}

// The end of a message arrives although fewer than four bytes of it are left to look at.
func TestLastBytesAreNotHeldBack(t *testing.T) {
	p := append(pattern(128, 1), 0)
	w := new(wire).t0(6, 0x1000000, len(p), 9, 1).continued(6, 0x1000000, p, false)
	everyCut(t, ReaderConfig{}, w, Message{6, 9, 1, 0x1000000, p})
}
