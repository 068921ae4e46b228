package server

import (
	"mmids/engine/media"
	"mmids/flv"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// selection makes of the messages of a log what a viewer with limited abilities can take. Codecs that it has not announced
// are left out. Without multitrack it gets one track of each kind, the first in the order of the sequence headers that it
// can take, in the form of a stream that has only that one. It belongs to the viewer's loop.
type selection struct {
	can      *abilities
	streamID uint32                      // that the viewer plays on
	fail     func(media.Kind, flv.Codec) // called once, when there is no track of a kind that the viewer can take
	failed   bool
	chosen   [media.Video + 1]chosen // by kind
	scratch  *scratch                // of the loop
}

// scratch is memory for selections, used for one message at a time.
type scratch struct {
	tracks     []flv.Track
	whole, out []byte
}

// scratchBytesMax is more than a usual key frame and less than the largest message.
const scratchBytesMax = 1 << 20

// letGo drops what an unusually large message has left.
func (s *scratch) letGo() {
	clear(s.tracks)
	if cap(s.whole)+cap(s.out) > 2*scratchBytesMax {
		s.whole, s.out = nil, nil
	}
}

// chosen is the track of one kind that a viewer gets, or of several the first.
type chosen struct {
	known bool
	track uint8
	codec flv.Codec
}

// rewrite is the viewer's fanout.ViewerConfig.Rewrite.
func (s *selection) rewrite(dst, msg []byte) []byte {
	if s.failed {
		return dst
	}
	defer s.scratch.letGo()
	first, isWhole := body(msg)
	tag, ok := parseTag(msg[typeAt], first)
	if !ok {
		if msg[typeAt] == message.TypeCommandAMF0 { // the stream has begun anew, with tracks of its own
			s.chosen = [media.Video + 1]chosen{}
		}
		return appendOn(s.streamID, dst, msg)
	}
	if !isWhole && tag.multitrack() > flv.OneTrack { // the list of tracks does not end with the first chunk
		s.scratch.whole = appendBody(s.scratch.whole[:0], msg)
		first, isWhole = s.scratch.whole, true
	}
	all := s.keepTracks(&tag, first)
	switch {
	case len(s.scratch.tracks) == 0:
		s.failWithout(&tag)
		return dst
	case all && !s.changesForm(&tag, first):
		return appendOn(s.streamID, dst, msg)
	}
	if !isWhole {
		s.scratch.whole = appendBody(s.scratch.whole[:0], msg)
		s.keepTracks(&tag, s.scratch.whole) // again, now that the payloads are there
	}
	return s.appendRebuilt(dst, msg, &tag)
}

// appendRebuilt appends a message of the tracks that are left, in the place of msg.
func (s *selection) appendRebuilt(dst, msg []byte, t *tag) []byte {
	var err error
	if s.scratch.out, err = s.rebuild(s.scratch.out[:0], t); err != nil {
		return dst // such as HDR metadata, for which the classic form has no room
	}
	csid, messageType := chunkStreamOf(t.kind)
	return chunk.AppendType0(dst, &chunk.Message{
		ChunkStream: csid, Type: messageType, StreamID: s.streamID, Timestamp: uint32(wire{}.Time(msg)), Payload: s.scratch.out,
	}, chunkSize)
}

// keepTracks puts the tracks of a message that the viewer gets into s.scratch.tracks, and says whether that is all of them.
func (s *selection) keepTracks(t *tag, body []byte) (all bool) {
	s.scratch.tracks, all = s.scratch.tracks[:0], true
	tracks := t.tracks(body)
	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
		if s.keeps(t, &track) {
			s.scratch.tracks = append(s.scratch.tracks, track)
		} else {
			all = false
		}
	}
	return all
}

// keeps decides on one track of a message. What comes beside sequence headers settles nothing.
func (s *selection) keeps(t *tag, track *flv.Track) bool {
	c := &s.chosen[t.kind]
	isChosen := c.known && c.track == track.ID
	if !s.codecs(t.kind).take(track.Codec) {
		if isChosen && t.settles() { // it has changed its codec
			c.known = false
		}
		return false
	}
	if t.settles() && (isChosen || !c.known) {
		*c = chosen{true, track.ID, track.Codec}
	}
	return s.can.multitrack || *c == chosen{true, track.ID, track.Codec}
}

func (s *selection) codecs(kind media.Kind) codecs {
	if kind == media.Video {
		return s.can.video
	}
	return s.can.audio
}

// failWithout gives the viewer up when media comes that could be decoded, but no track is known that it can take.
func (s *selection) failWithout(t *tag) {
	if t.canBegin() && !s.chosen[t.kind].known {
		s.failed = true
		s.fail(t.kind, t.codec())
	}
}

// changesForm reports whether the viewer needs other bytes of a message although it gets all of its tracks.
func (s *selection) changesForm(t *tag, body []byte) bool {
	return t.multitrack() != flv.NoMultitrack && !s.can.multitrack || t.hasModEx(body) && !s.can.modEx || s.isClassic(t, &s.scratch.tracks[0])
}

// isClassic reports whether a viewer gets a track in the classic form, since it has not announced the enhanced one. Who
// understands several tracks understands that.
func (s *selection) isClassic(t *tag, track *flv.Track) bool {
	return t.enhanced() && !s.can.multitrack && !s.codecs(t.kind).announce(track.Codec)
}

// rebuild writes the body of that message.
func (s *selection) rebuild(dst []byte, t *tag) ([]byte, error) {
	if !s.can.modEx {
		t.dropNanoseconds()
	}
	if s.can.multitrack && t.multitrack() > flv.OneTrack {
		return t.appendTracks(dst, s.scratch.tracks)
	}
	track := &s.scratch.tracks[0]
	return t.appendTrack(dst, track, s.can.multitrack, s.isClassic(t, track))
}
