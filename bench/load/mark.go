package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// A packet is an FLV tag body that says itself what it has to be:
//
//	tag header | stream 4 | number 8 | time 4 | sent 8 | filling
//
// number counts the packets of a stream, audio and video together; time is the RTMP timestamp; sent is when it was sent,
// in ns since 1970. The filling is a piece of noise that begins at a place given by the number.
const (
	markBytes   = 4 + 8 + 4 + 8
	packetMax   = 4 << 20 // of one packet
	noiseStride = 251     // between the fillings of neighbours; prime, so that they all differ
)

// Tag headers: H.264 and AAC, as far as servers look into them.
var (
	keyHeader    = []byte{0x17, 1, 0, 0, 0}
	interHeader  = []byte{0x27, 1, 0, 0, 0}
	audioHeader  = []byte{0xaf, 1}
	videoConfig  = []byte{0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 0x1e, 1, 0, 2, 0x68, 0xce}
	audioConfig  = []byte{0xaf, 0, 0x12, 0x10}
	configTime   = uint32(0)
	errNotMarked = errors.New("not a packet of this program")
)

// noise is what packets are filled with.
var noise = func() []byte {
	b := make([]byte, packetMax+noiseStride*4096)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(b)
	return b
}()

func filling(number uint64, n int) []byte {
	at := int(number%4096) * noiseStride
	return noise[at : at+n]
}

// appendPacket appends a packet of size bytes, or of its header and mark if that is more.
func appendPacket(dst, header []byte, size int, stream uint32, number uint64, timestamp uint32, sent time.Time) []byte {
	dst = append(dst, header...)
	dst = binary.BigEndian.AppendUint32(dst, stream)
	dst = binary.BigEndian.AppendUint64(dst, number)
	dst = binary.BigEndian.AppendUint32(dst, timestamp)
	dst = binary.BigEndian.AppendUint64(dst, uint64(sent.UnixNano()))
	return append(dst, filling(number, min(max(size-len(header)-markBytes, 0), packetMax))...)
}

// mark is what a packet says of itself.
type mark struct {
	stream uint32
	number uint64
	sent   time.Time
}

// readMark reads a packet and checks every byte of it. config reports a sequence header, which has no mark.
func readMark(m client.Message) (k mark, config bool, err error) {
	header := audioHeader
	switch {
	case bytes.Equal(m.Payload, videoConfig) || bytes.Equal(m.Payload, audioConfig):
		return mark{}, true, nil
	case m.Type == message.TypeVideo && bytes.HasPrefix(m.Payload, keyHeader):
		header = keyHeader
	case m.Type == message.TypeVideo:
		header = interHeader
	}
	if !bytes.HasPrefix(m.Payload, header) || len(m.Payload) < len(header)+markBytes {
		return mark{}, false, errNotMarked
	}
	b := m.Payload[len(header):]
	k = mark{
		stream: binary.BigEndian.Uint32(b),
		number: binary.BigEndian.Uint64(b[4:]),
		sent:   time.Unix(0, int64(binary.BigEndian.Uint64(b[16:]))),
	}
	if timestamp := binary.BigEndian.Uint32(b[12:]); timestamp != m.Timestamp {
		return k, false, fmt.Errorf("packet %d has the time %d instead of %d", k.number, m.Timestamp, timestamp)
	}
	if rest := b[markBytes:]; !bytes.Equal(rest, filling(k.number, len(rest))) {
		return k, false, fmt.Errorf("packet %d is not what was sent", k.number)
	}
	return k, false, nil
}
