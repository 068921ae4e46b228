package mp4

import (
	"encoding/binary"
	"testing"

	"mmids/engine/media"
)

// checker looks at every unit: whole boxes, and times that fit.
type checker struct {
	t     *testing.T
	begun bool
}

func (c *checker) Restart() { c.begun = false }

func (c *checker) Write(u Unit) {
	b := append(append([]byte(nil), u.Head...), u.Payload...)
	names := ""
	for len(b) > 0 {
		if len(b) < 8 || binary.BigEndian.Uint32(b) < 8 || int(binary.BigEndian.Uint32(b)) > len(b) {
			c.t.Fatalf("a box of %d bytes where %d are left", binary.BigEndian.Uint32(b), len(b))
		}
		names += string(b[4:8])
		b = b[binary.BigEndian.Uint32(b):]
	}
	switch {
	case u.Init && names == "ftypmoov":
		c.begun = true
	case u.Init, names != "moofmdat", !c.begun, u.Time < 0:
		c.t.Fatalf("a unit of %s at %d", names, u.Time)
	}
}

// FuzzMuxer feeds what hostile publishers may send: sequence headers and frames of any form and time, in any order.
func FuzzMuxer(f *testing.F) {
	f.Add(avcHeader, []byte{0x17, 1, 0, 0, 0, 1}, int64(0), int64(40))
	f.Add(aacHeader, []byte{0xaf, 1, 2}, int64(-5), int64(1)<<40)
	f.Add([]byte{0x90, 'O', 'p', 'u', 's', 'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{0x91, 'O', 'p', 'u', 's', 1}, int64(90), int64(1))
	f.Add([]byte{0x90, 'a', 'v', '0', '1', 0x81, 5, 0xc, 0}, []byte{0x91, 'a', 'v', '0', '1', 1}, int64(0), int64(0))
	f.Add([]byte{0x90, 'h', 'v', 'c', '1'}, []byte{0x91, 'h', 'v', 'c', '1', 0, 0, 0, 1}, int64(0), int64(0))
	f.Add(fromHex("907670303901000000000a820202020000"), fromHex("9176703039"+vp9Key), int64(0), int64(40))
	f.Add(fromHex("90664c6143120012000006540019820bb8037000023280193e23b90c36014be54e0f088c75d045"), fromHex("91664c6143fff8"), int64(0), int64(96))
	f.Add(fromHex("9061632d33"), fromHex("9161632d330b77cded1e40ebf8403eff99"), int64(0), int64(32))
	f.Add(fromHex("9165632d330b77037f3f87c00020882000"), fromHex("9165632d330b774007348010200000000000000000"), int64(0), int64(32))
	f.Fuzz(func(t *testing.T, config, frame []byte, first, second int64) {
		before := media.InUse()
		const longest = int64(1) << 45
		s := stream{Muxer: &Muxer{Output: &checker{t: t}}}
		s.Begin()
		for range 2 {
			for _, kind := range []media.Kind{media.Video, media.Audio} {
				for _, tag := range [][]byte{config, frame, frame, config[:len(config)/2], frame} {
					s.add(kind, first%longest, tag)
					first, second = second, first
				}
			}
			s.headers()
			s.key(second%longest, "K")
			s.sound(first%longest, "A")
			s.Begin()
		}
		s.End()
		if media.InUse() != before {
			t.Fatal("a payload is still held")
		}
		_ = s.ContentType()
	})
}
