package server

import (
	"bytes"
	"testing"

	"mmids/engine/media"
	"mmids/flv"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// FuzzSelection lets viewers of all abilities watch a stream of any bodies. Each message is left out or stays a message of
// its kind and time, with nothing in it that the viewer has not announced, and no payload that was not sent.
func FuzzSelection(f *testing.F) {
	for _, seed := range []string{
		"\x90hvc1\x01|\x91hvc1\x00\x00\x50k|\xa3hvc1d", "\x90hvc1\x01|\x96\x00av01\x01a|\x91hvc1\x00\x00\x00k|\x96\x01av01\x01k",
		"\x96\x20hvc1\x00\x00\x00\x01aav01\x01\x00\x00\x01b|\xa6\x21hvc1\x00\x00\x00\x04\x00\x00\x00cav01\x01\x00\x00\x01d",
		"\x97\x02\x00\x00\x05\x01hvc1\x00\x00\x00k|\x97\x00\xaa\x11av01k", "\x17\x00\x00\x00\x00a|\x96\x01avc1\x01\x00\x00\x00k|\x94avc1\x02",
		"\x90Opusa|\x94Opus\x01\x02|\x91Opuss|\x95\x00ac-3\x01|\xaf\x00a|\xaf\x01s", "\x1c\x00\x00\x00\x00a|\x1c\x01\x00\x00\x00k|\xd1\x00|",
		"\x96\x10hvc1\x00\xff\xff\xffa", "|",
	} {
		for can := range byte(32) {
			f.Add(can, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, bits byte, bodies []byte) {
		can := &abilities{multitrack: bits&1 != 0, modEx: bits&2 != 0}
		if bits&4 != 0 {
			can.video, can.audio = codecs{flv.AV1, flv.AVC}, codecs{flv.Opus}
		}
		kind := media.Video
		if bits&8 != 0 {
			kind = media.Audio
		}
		failures := 0
		s := &selection{can: can, streamID: 3, scratch: new(scratch), fail: func(media.Kind, flv.Codec) { failures++ }}
		for i, body := range bytes.Split(bodies, []byte("|")) {
			if bits&16 != 0 { // of several chunks
				body = append(bytes.Clone(body), make([]byte, chunkSize)...)
			}
			sent := wire{}.Append(nil, kind, int64(i), body)
			out := s.rewrite(nil, sent)
			if len(out) == 0 {
				continue
			}
			if len(out) > len(sent) {
				t.Fatalf("%d bytes of %d", len(out), len(sent))
			}
			if failures > 0 {
				t.Fatal("media for a viewer that has been given up")
			}
			got := readBack(t, out)
			_, messageType := chunkStreamOf(kind)
			if len(got) != 1 || got[0].Type != messageType || got[0].StreamID != 3 || got[0].Timestamp != uint32(i) {
				t.Fatalf("%+v", got)
			}
			checkSelected(t, can, &got[0], body)
		}
		if failures > 1 {
			t.Fatalf("given up %d times", failures)
		}
	})
}

// checkSelected compares a message with the body that was sent.
func checkSelected(t *testing.T, can *abilities, got *chunk.Message, sent []byte) {
	before, ok := parseTag(got.Type, sent)
	if !ok {
		if !bytes.Equal(got.Payload, sent) {
			t.Fatal("what cannot be read has been changed")
		}
		return
	}
	after, ok := parseTag(got.Type, got.Payload)
	if !ok {
		t.Fatalf("%x has become unreadable: %x", sent, got.Payload)
	}
	if after.multitrack() != flv.NoMultitrack && !can.multitrack || after.hasModEx(got.Payload) && !can.modEx {
		t.Fatalf("%x is not what the viewer understands", got.Payload)
	}
	if after.packet() != before.packet() && after.packet() != flv.PacketCodedFrames || after.canBegin() != before.canBegin() {
		t.Fatalf("%x has become another sort of packet: %x", sent, got.Payload)
	}
	allowed := can.audio
	if got.Type == message.TypeVideo {
		allowed = can.video
	}
	tracks := after.tracks(got.Payload)
	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
		if !allowed.take(track.Codec) || !hasTrack(before.tracks(sent), track) {
			t.Fatalf("%x was not sent, or cannot be taken", got.Payload)
		}
	}
}

func hasTrack(tracks flv.Tracks, want flv.Track) bool {
	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
		if track.Codec == want.Codec && track.CompositionTime == want.CompositionTime && bytes.Equal(track.Payload, want.Payload) {
			return true
		}
	}
	return false
}
