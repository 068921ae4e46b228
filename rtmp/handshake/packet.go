package handshake

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// packet is C1 or S1: 4 bytes time, 4 bytes zero or, with a digest, the version of the software, 1528 bytes random.
type packet [packetBytes]byte

// hasVersion reports whether the sender names the version of its software, as those do that use digests. The others have
// zeros there, as RTMP 1.0 §5.2.3 says.
func (p *packet) hasVersion() bool { return [4]byte(p[4:8]) != [4]byte{} }

// maker makes the packets that one side sends.
type maker struct {
	random   io.Reader
	time     uint32  // ms, of our clock
	software [4]byte // stands beside a digest
	name     []byte  // key of the digest of our C1 or S1
	key      []byte  // key of the signature of our C2 or S2
	peerName []byte  // key of the digest of the other's C1 or S1
}

func newMaker(c Config) maker {
	if c.Random == nil {
		c.Random = random{}
	}
	return maker{random: c.Random, time: c.Time}
}

// appendHello appends C1 or S1.
func (m *maker) appendHello(dst []byte, scheme Scheme) ([]byte, error) {
	dst, p := extend(dst)
	binary.BigEndian.PutUint32(p[:], m.time)
	clear(p[4:headBytes])
	if err := m.fill(p[headBytes:]); err != nil {
		return nil, err
	}
	if scheme != Simple {
		copy(p[4:], m.software[:])
		imprint(p, scheme, m.name)
	}
	return dst, nil
}

// appendAnswer appends C2 or S2: signed if the packet it answers has a digest, else that packet again. The
// specification would have the second four bytes of the copy be the time when the packet came; clients that
// compare all of it are why they stay as they are (RTMP 1.0 §5.2.4).
func (m *maker) appendAnswer(dst []byte, to *packet, digest []byte) ([]byte, error) {
	dst, p := extend(dst)
	if digest == nil {
		*p = *to
		return dst, nil
	}
	if err := m.fill(p[:signedBytes]); err != nil {
		return nil, err
	}
	copy(p[signedBytes:], signature(p, m.key, digest))
	return dst, nil
}

// random is the source of the bytes that fill packets. They tell packets apart and protect nothing.
type random struct{}

func (random) Read(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], rand.Uint64())
		rest = rest[copy(rest, word[:]):]
	}
	return len(p), nil
}

func (m *maker) fill(p []byte) error {
	if _, err := io.ReadFull(m.random, p); err != nil {
		return fmt.Errorf("rtmp handshake: random bytes: %w", err)
	}
	return nil
}

// extend appends a packet with arbitrary content and returns it.
func extend(dst []byte) ([]byte, *packet) {
	n := len(dst)
	dst = slices.Grow(dst, packetBytes)[:n+packetBytes]
	return dst, (*packet)(dst[n:])
}
