package handshake

// intake is what both sides receive: a version byte, a packet to answer, and the answer to their own packet.
type intake struct {
	stage stage
	have  int     // bytes of the packet of this stage
	hello *packet // only while it is coming in pieces
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
		b, i.stage = b[1:], waitHello
	}
	if i.stage == waitHello {
		var hello *packet
		if hello, b = i.takeHello(b); hello != nil {
			replied, err := reply(dst, hello)
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

// takeHello takes what it needs for the packet to answer, and returns it once it is complete. Nearly always it comes in
// one piece and is used where it lies.
func (i *intake) takeHello(b []byte) (hello *packet, rest []byte) {
	if i.have == 0 && len(b) >= packetBytes {
		return (*packet)(b), b[packetBytes:]
	}
	if i.hello == nil {
		i.hello = new(packet)
	}
	n := copy(i.hello[i.have:], b)
	if i.have += n; i.have < packetBytes {
		return nil, b[n:]
	}
	return i.hello, b[n:]
}
