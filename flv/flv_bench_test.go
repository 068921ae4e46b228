package flv

import (
	"bytes"
	"testing"
)

func BenchmarkParseVideo(b *testing.B) {
	for _, c := range []struct{ name, bytes string }{
		{"classic", "17 01 000050 00000001"},
		{"enhanced", "91 'hvc1' 000050 00000001"},
		{"nanosecond", "97 02 000005 01 'hvc1' 000050 00000001"},
		{"tracks=2", "96 11 'hvc1' 00 000005 000050 aabb 03 000004 ffffff cc"},
	} {
		b.Run(c.name, func(b *testing.B) {
			body := unhex(b, c.bytes)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				h, err := ParseVideo(body)
				if err != nil || h.Codec == 0 {
					b.Fatal(h, err)
				}
			}
		})
	}
}

func BenchmarkParseAudio(b *testing.B) {
	body := unhex(b, "af 01 2110")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if h, err := ParseAudio(body); err != nil || h.Codec != AAC {
			b.Fatal(h, err)
		}
	}
}

func BenchmarkTracks(b *testing.B) {
	body := unhex(b, "96 11 'hvc1' 00 000005 000050 aabb 03 000004 ffffff cc")
	h, err := ParseVideo(body)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		tracks := h.Tracks(body)
		n := 0
		for _, ok := tracks.Next(); ok; _, ok = tracks.Next() {
			n++
		}
		if n != 2 {
			b.Fatal(n, tracks.Err())
		}
	}
}

func BenchmarkAppendTag(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"body=200", 200}, {"body=20000", 20000}} {
		b.Run(c.name, func(b *testing.B) {
			body, dst := make([]byte, c.size), make([]byte, 0, c.size+TagOverhead)
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := AppendTag(dst, TagVideo, 40, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadTag(b *testing.B) {
	file := AppendFileHeader(nil, true, true)
	for i := range 100 {
		file, _ = AppendTag(file, TagVideo, uint32(40*i), make([]byte, 5000))
		file, _ = AppendTag(file, TagAudio, uint32(40*i), make([]byte, 200))
	}
	in := bytes.NewReader(file)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		in.Reset(file)
		r := NewReader(in)
		for range 200 {
			if _, err := r.ReadTag(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
