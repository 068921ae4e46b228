package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"mmids/rtmp/message"
)

// A packet is an FLV tag body that says itself what it has to be:
//
//	tag header | stream 4 | number 8 | time 4 | sent 8 | filling
//
// number counts the packets of a stream, audio and video together; time is the RTMP timestamp; sent is when it was sent,
// in ns since 1970. The filling is a piece of noise that begins at a place given by the number. The header of a video
// packet ends with the length and the first byte of its only NAL unit, which holds all the rest.
const (
	markBytes   = 4 + 8 + 4 + 8
	videoHeader = 5 + 4 + 1
	overhead    = videoHeader + markBytes
	packetMax   = 4 << 20 // of one packet
	noiseStride = 251     // between the fillings of neighbours; prime, so that they all differ
)

// Sequence headers: H.264 Main profile of 1280 × 720 at 30 frames/s, and AAC-LC of 44.1 kHz in stereo.
var (
	VideoConfig = []byte{
		0x17, 0, 0, 0, 0, 0x01, 0x4d, 0x40, 0x1f, 0xff,
		0xe1, 0, 25, 0x67, 0x4d, 0x40, 0x1f, 0xec, 0xa0, 0x28, 0x02, 0xdd, 0x80, 0x88, 0, 0, 0x03, 0, 0x08, 0, 0, 0x03, 0x01, 0xe0, 0x78, 0xc1, 0x8c, 0xb0,
		0x01, 0, 4, 0x68, 0xef, 0x8f, 0xc8,
	}
	AudioConfig = []byte{0xaf, 0, 0x12, 0x10}
)

var (
	keyTag   = []byte{0x17, 1, 0, 0, 0}
	interTag = []byte{0x27, 1, 0, 0, 0}
	audioTag = []byte{0xaf, 1}
)

// NAL unit headers: an IDR picture, and one that refers to others.
const (
	nalKey   = 0x65
	nalInter = 0x41
)

// noise is what packets are filled with.
var noise = func() []byte {
	b := make([]byte, packetMax+noiseStride*4096)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}()

func filling(number uint64, n int) []byte {
	at := int(number%4096) * noiseStride
	return noise[at : at+n]
}

// Append appends a packet: p.Size bytes, or its header and mark if that is more.
func Append(dst []byte, p Packet, stream uint32, number uint64, sent time.Time) []byte {
	size := min(p.Size, packetMax)
	begin := len(dst)
	dst = appendHeader(dst, p, size)
	dst = binary.BigEndian.AppendUint32(dst, stream)
	dst = binary.BigEndian.AppendUint64(dst, number)
	dst = binary.BigEndian.AppendUint32(dst, p.Timestamp())
	dst = binary.BigEndian.AppendUint64(dst, uint64(sent.UnixNano()))
	return append(dst, filling(number, max(size-(len(dst)-begin), 0))...)
}

func appendHeader(dst []byte, p Packet, size int) []byte {
	if p.Type != message.TypeVideo {
		return append(dst, audioTag...)
	}
	tag, nal := interTag, byte(nalInter)
	if p.Key {
		tag, nal = keyTag, nalKey
	}
	dst = append(dst, tag...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(max(size, overhead)-len(tag)-4))
	return append(dst, nal)
}

// Mark is what a packet says of itself.
type Mark struct {
	Stream    uint32
	Number    uint64
	Timestamp uint32
	Sent      time.Time
	Key       bool
}

// ErrNotMarked is what Read says of packets that were not made by Append.
var ErrNotMarked = errors.New("not a packet of this program")

// Read reads a packet of a type and checks every byte of it. config reports a sequence header, which has no mark.
func Read(messageType uint8, payload []byte) (m Mark, config bool, err error) {
	if bytes.Equal(payload, VideoConfig) || bytes.Equal(payload, AudioConfig) {
		return Mark{}, true, nil
	}
	p := Packet{Type: messageType, Key: bytes.HasPrefix(payload, keyTag), Size: len(payload)}
	var space [videoHeader]byte
	header := appendHeader(space[:0], p, p.Size)
	b, ok := bytes.CutPrefix(payload, header)
	if !ok || len(b) < markBytes {
		return Mark{}, false, ErrNotMarked
	}
	m = Mark{
		Stream:    binary.BigEndian.Uint32(b),
		Number:    binary.BigEndian.Uint64(b[4:]),
		Timestamp: binary.BigEndian.Uint32(b[12:]),
		Sent:      time.Unix(0, int64(binary.BigEndian.Uint64(b[16:]))),
		Key:       p.Key,
	}
	if rest := b[markBytes:]; !bytes.Equal(rest, filling(m.Number, len(rest))) {
		return m, false, fmt.Errorf("packet %d is not what was sent", m.Number)
	}
	return m, false, nil
}
