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

// flvBodySeeds are bodies of audio and video tags: the shapes of real encoders, and shapes that have broken servers.
var flvBodySeeds = []string{
	"",
	"\x17", "\x17\x01", "\x17\x01\x00", "\x17\x01\x00\x00", // shorter than their own header
	"\x17\x00\x00\x00\x00\x01\x64\x00\x1f",     // AVC sequence header
	"\x17\x01\x00\x00\x50\x00\x00\x00\x01\x65", // key frame, composition time 80
	"\x27\x01\xff\xff\xd8\x00\x00\x00\x01\x41", // composition time -40
	"\x17\x01\x00\x00\x00",                     // a frame without NAL units
	"\x17\x02\x00\x00\x00",                     // end of sequence
	"\x57\x00", "\x12\x00", "\x24\x00", "\x1f", // command, H.263, VP6, unassigned id
	"\x1c\x00\x00\x00\x00\x01", "\x2d\x01\x00\x00\x00\x01", // HEVC and AV1 by classic id
	"\x90hvc1\x01", "\x91hvc1\x00\x00\x50\x65", "\x93hvc1\x65", "\x94hvc1\x02", "\x82hvc1", "\xd1\x01",
	"\x95av01\x80", "\x91\x00\x00\x01\x07\x00\x00\x00",
	"\x97\x02\x0f\x42\x3f\x01hvc1\x00\x00\x50\x65", // ModEx: nanosecond offset
	"\x97\x00\xaa\x17\x02\x00\x00\x05\x01av01\x00", // a chain of two
	"\x97\xff\x01\x00",                 // ModEx with the 16-bit size, cut
	"\x96\x01avc1\x02\x00\x00\x28\x65", // one track
	"\x96\x11hvc1\x00\x00\x00\x05\x00\x00\x50\xaa\xbb\x03\x00\x00\x03\x00\x00\x00", // two tracks
	"\xa6\x21av01\x00\x00\x00\x01\x11avc1\x01\x00\x00\x04\x00\x00\x01\x33",         // two codecs
	"\x96\x11hvc1\x00\xff\xff\xff\x00\x00\x50",                                     // a track that claims too much
	"\xaf\x00\x12\x10", "\xaf\x01\x21", "\xaf", "\xaf\x02", "\x2f\xff\xfb", "\x00\x00", "\xbf\x00",
	"\x90OpusOpusHead", "\x91Opus\xfc", "\x94Opus\x01\x02\x00\x00\x00\x03", "\x95\x01mp4a\x01\x21",
	"\x95\x21Opus\x00\x00\x00\x01\xfcmp4a\x01\x00\x00\x01\x21",
}

// FuzzVideoHeader holds ParseVideo to this: a header that parses can be written and parses to the same again; it does not
// depend on bytes behind itself; and its tracks lie inside the body, in order, and can be written again.
func FuzzVideoHeader(f *testing.F) {
	for _, seed := range flvBodySeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bareVideo.require(t, body)
		h, err := flv.ParseVideo(body)
		if err != nil {
			checkFLVError(t, err, h == flv.VideoHeader{})
			return
		}
		if h.Size < 1 || h.Size > len(body) {
			t.Fatalf("size %d of %d bytes", h.Size, len(body))
		}
		if h.NanosecondOffset > 999_999 {
			t.Fatalf("nanosecond offset %d", h.NanosecondOffset)
		}
		if h.IsKeyFrame() && (h.IsSequenceHeader() || h.FrameType != flv.FrameKey) {
			t.Fatalf("key frame: %+v", h)
		}
		for cut := range min(h.Size, 64) {
			if _, err := flv.ParseVideo(body[:cut]); !errors.Is(err, flv.ErrShort) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}

		again, err := flv.AppendVideoHeader(nil, h)
		if err != nil {
			t.Fatalf("cannot write %+v: %v", h, err)
		}
		tracks, tracksErr := flvTracks(t, h.Tracks(body), body[h.Size:])
		if h.Multitrack < flv.ManyTracks {
			if tracksErr != nil {
				t.Fatalf("the only track: %v", tracksErr)
			}
			again = append(again, body[h.Size:]...)
		} else {
			if len(tracks) == 0 {
				return // the first track has a head, but is cut off
			}
			for _, track := range tracks {
				if again, err = h.AppendTrack(again, track); err != nil {
					t.Fatalf("cannot write %+v: %v", track, err)
				}
			}
		}
		h2, err := flv.ParseVideo(again)
		if err != nil {
			t.Fatalf("cannot parse what was written for %+v: %v", h, err)
		}
		tracks2, err := flvTracks(t, h2.Tracks(again), again[h2.Size:])
		h2.Size = h.Size
		if h2 != h || err != nil || !slices.EqualFunc(tracks, tracks2, sameFLVTrack) {
			t.Fatalf("written and parsed again:\n%+v %+v\n%+v %+v %v", h, tracks, h2, tracks2, err)
		}
	})
}

// FuzzAudioHeader holds ParseAudio to what FuzzVideoHeader says of ParseVideo.
func FuzzAudioHeader(f *testing.F) {
	for _, seed := range flvBodySeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bareAudio.require(t, body)
		h, err := flv.ParseAudio(body)
		if err != nil {
			checkFLVError(t, err, h == flv.AudioHeader{})
			return
		}
		if h.Size < 1 || h.Size > len(body) || h.NanosecondOffset > 999_999 {
			t.Fatalf("%+v of %d bytes", h, len(body))
		}
		for cut := range min(h.Size, 64) {
			if _, err := flv.ParseAudio(body[:cut]); !errors.Is(err, flv.ErrShort) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}

		again, err := flv.AppendAudioHeader(nil, h)
		if err != nil {
			t.Fatalf("cannot write %+v: %v", h, err)
		}
		tracks, tracksErr := flvTracks(t, h.Tracks(body), body[h.Size:])
		if h.Multitrack < flv.ManyTracks {
			if tracksErr != nil {
				t.Fatalf("the only track: %v", tracksErr)
			}
			again = append(again, body[h.Size:]...)
		} else {
			if len(tracks) == 0 {
				return
			}
			for _, track := range tracks {
				if again, err = h.AppendTrack(again, track); err != nil {
					t.Fatalf("cannot write %+v: %v", track, err)
				}
			}
		}
		h2, err := flv.ParseAudio(again)
		if err != nil {
			t.Fatalf("cannot parse what was written for %+v: %v", h, err)
		}
		tracks2, err := flvTracks(t, h2.Tracks(again), again[h2.Size:])
		h2.Size = h.Size
		if h2 != h || err != nil || !slices.EqualFunc(tracks, tracks2, sameFLVTrack) {
			t.Fatalf("written and parsed again:\n%+v %+v\n%+v %+v %v", h, tracks, h2, tracks2, err)
		}
	})
}

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

// flvTracks collects the tracks and checks that their payloads are no more than the list that they were found in, and
// that appending to one of several cannot write over the next.
func flvTracks(t *testing.T, tracks flv.Tracks, list []byte) ([]flv.Track, error) {
	var all []flv.Track
	total := 0
	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
		total += len(track.Payload)
		if len(all) > 0 && cap(track.Payload) != len(track.Payload) {
			t.Fatalf("track %d has room for %d bytes behind it", track.ID, cap(track.Payload)-len(track.Payload))
		}
		all = append(all, track)
	}
	if total > len(list) {
		t.Fatalf("payloads of %d bytes in %d", total, len(list))
	}
	if err := tracks.Err(); err != nil {
		checkFLVError(t, err, true)
		return all, err
	}
	return all, nil
}

func sameFLVTrack(a, b flv.Track) bool {
	return a.ID == b.ID && a.Codec == b.Codec && a.CompositionTime == b.CompositionTime && bytes.Equal(a.Payload, b.Payload)
}

func checkFLVError(t *testing.T, err error, empty bool) {
	t.Helper()
	if !errors.Is(err, flv.ErrShort) && !errors.Is(err, flv.ErrUnsupported) {
		t.Fatalf("neither short nor unsupported: %v", err)
	}
	if !empty {
		t.Fatalf("a header beside the error %v", err)
	}
}
