package handshake

// intake is what both sides receive: a version byte, a packet to answer, and the answer to their own packet.
type intake struct {
	stage stage
	have  int     // bytes of the packet of this stage
	hello *packet // only while it is coming
	err   error
}

type stage uint8

const (
	waitVersion stage = iota // C0 or S0
	waitHello                // C1 or S1
	waitAnswer               // C2 or S2
	finished
)

// feed takes what it needs from the front of b and calls reply, once, when the packet to answer is complete. What
// reply returns is appended to dst. The other side's answer is counted and thrown away.
func (i *intake) feed(dst, b []byte, reply func(dst []byte, hello *packet) ([]byte, error)) (out, rest []byte, done bool, err error) {
	if i.err != nil {
		return dst, b, false, i.err
	}
	if i.stage == waitVersion && len(b) > 0 {
		if i.err = checkVersion(b[0]); i.err != nil {
			return dst, b, false, i.err
		}
		b, i.stage, i.hello = b[1:], waitHello, new(packet)
	}
	if i.stage == waitHello {
		n := copy(i.hello[i.have:], b)
		b, i.have = b[n:], i.have+n
		if i.have == packetBytes {
			replied, err := reply(dst, i.hello)
			if err != nil {
				i.err = err
				return dst, b, false, err
			}
			dst, i.stage, i.have, i.hello = replied, waitAnswer, 0, nil
		}
	}
	if i.stage == waitAnswer {
		n := min(len(b), packetBytes-i.have)
		b, i.have = b[n:], i.have+n
		if i.have == packetBytes {
			i.stage = finished
		}
	}
	return dst, b, i.stage == finished, nil
}
