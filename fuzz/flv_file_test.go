package fuzz

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"mmids/flv"
)

// FuzzFLVReader holds Reader to this: how the bytes arrive changes nothing; what it has read, a Writer writes so that it
// is read again; a file cut short gives a beginning of the same tags.
func FuzzFLVReader(f *testing.F) {
	file := flv.AppendFileHeader(nil, true, true)
	f.Add(slices.Clone(file), uint16(3))
	file = flvTag(f, file, flv.TagScript, 0, "\x02\x00\x0aonMetaData\x05")
	for i, body := range flvBodySeeds {
		file = flvTag(f, file, flv.TagVideo, uint32(i)<<22, body)
	}
	f.Add(slices.Clone(file), uint16(40))
	f.Add(append([]byte("FLV\x01\x05\x00\x00\x00\x0cabc"), file[9:]...), uint16(11))
	f.Add(append(slices.Clone(file[:13]), 9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 'x'), uint16(24))
	f.Add([]byte("FLV\x01\x05\xff\xff\xff\xff\x00\x00\x00\x00"), uint16(0))

	f.Fuzz(func(t *testing.T, file []byte, cut uint16) {
		bareFLV.require(t, file)
		tags, err := readFLV(bytes.NewReader(file))
		slow, slowErr := readFLV(iotest.OneByteReader(bytes.NewReader(file)))
		if !slices.Equal(tags, slow) || err.Error() != slowErr.Error() {
			t.Fatalf("at once: %d tags, %v; byte by byte: %d tags, %v", len(tags), err, len(slow), slowErr)
		}
		var where *flv.ReadError
		if err != io.EOF && (!errors.As(err, &where) || where.Offset < 0 || where.Offset > int64(len(file))) {
			t.Fatalf("error without a place inside the file: %v", err)
		}

		var out bytes.Buffer
		w := flv.NewWriter(&out)
		if err := w.WriteFileHeader(true, true); err != nil {
			t.Fatal(err)
		}
		for _, tag := range tags {
			if err := w.WriteTag(tag.Type, tag.Timestamp, []byte(tag.Body)); err != nil {
				t.Fatal(err)
			}
		}
		again, err := readFLV(&out)
		if err != io.EOF || !slices.Equal(tags, again) {
			t.Fatalf("%d tags, written and read again %d, %v", len(tags), len(again), err)
		}

		short, err := readFLV(bytes.NewReader(file[:min(int(cut), len(file))]))
		if len(short) > len(tags) || !slices.Equal(short, tags[:len(short)]) {
			t.Fatalf("cut at %d: other tags (%v)", cut, err)
		}
	})
}

type flvTagCopy struct {
	Type      flv.TagType
	Timestamp uint32
	Body      string
}

func readFLV(in io.Reader) ([]flvTagCopy, error) {
	var tags []flvTagCopy
	r := flv.NewReader(in)
	for {
		tag, err := r.ReadTag()
		if err != nil {
			return tags, err
		}
		tags = append(tags, flvTagCopy{tag.Type, tag.Timestamp, string(tag.Body)})
	}
}

func flvTag(f *testing.F, file []byte, tag flv.TagType, timestamp uint32, body string) []byte {
	file, err := flv.AppendTag(file, tag, timestamp, []byte(body))
	if err != nil {
		f.Fatal(err)
	}
	return file
}
