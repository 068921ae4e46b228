package fuzz

import (
	"bytes"
	"errors"
	"testing"

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

// FuzzVideoHeader reads headers of video bodies of any bytes.
func FuzzVideoHeader(f *testing.F) {
	for _, seed := range flvBodySeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bareVideo.require(t, body)
		h, ok := flvVideo.checkRead(t, body)
		if ok && h.IsKeyFrame() && (h.IsSequenceHeader() || h.FrameType != flv.FrameKey) {
			t.Fatalf("key frame: %+v", h)
		}
	})
}

// FuzzAudioHeader reads headers of audio bodies of any bytes.
func FuzzAudioHeader(f *testing.F) {
	for _, seed := range flvBodySeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bareAudio.require(t, body)
		flvAudio.checkRead(t, body)
	})
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
