package flv

// Multitrack says how many tracks a message carries, and how (Enhanced RTMP v2, AvMultitrackType).
type Multitrack uint8

// Kinds of multitrack messages. All tracks of a message share its timestamp, its packet type and, in video, its frame
// type.
const (
	NoMultitrack         Multitrack = iota // the ordinary message, belonging to the default track
	OneTrack                               // one track with its id; the payload reaches to the end of the message
	ManyTracks                             // tracks of one codec, each with its id and size
	ManyTracksManyCodecs                   // tracks with their own FourCC, id and size
)

func (m Multitrack) isList() bool { return m == ManyTracks || m == ManyTracksManyCodecs }

// Track is the part of a message that belongs to one track.
type Track struct {
	ID    uint8 // 0 is by convention the default track, and the id of messages without multitrack
	Codec Codec
	// CompositionTime is the presentation minus the decode time in milliseconds; always zero for audio.
	CompositionTime int32
	// Payload is a part of the body that was given to Tracks and lives as long as that.
	Payload []byte
}

// Tracks walks over the tracks of one message. Get one from VideoHeader.Tracks or AudioHeader.Tracks:
//
//	tracks := header.Tracks(body)
//	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
//		…
//	}
//	if err := tracks.Err(); err != nil { … }
type Tracks struct {
	rest   []byte
	kind   Multitrack
	timed  bool // coded video frames: a composition time stands before the payload of some codecs
	single Track
	more   bool
	err    error
}

func newTracks(body []byte, size int, kind Multitrack, first Track, timed bool) Tracks {
	t := Tracks{kind: kind, single: first, timed: timed}
	if size <= 0 || size > len(body) {
		t.err = errTrackShort
		return t
	}
	t.rest, t.more = body[size:], true
	return t
}

// Next returns the next track, or false at the end of the message and at the first track that is cut off or cannot be
// understood. Err tells the two apart.
func (t *Tracks) Next() (Track, bool) {
	if !t.more {
		return Track{}, false
	}
	if !t.kind.isList() {
		t.more = false
		t.single.Payload = t.rest
		return t.single, true
	}
	head, err := readTrackHead(t.rest, t.kind, t.single.Codec, t.timed)
	if err == nil && head.end > len(t.rest) {
		err = errTrackShort
	}
	if err != nil {
		t.more, t.err = false, err
		return Track{}, false
	}
	track := head.Track
	track.Payload = t.rest[head.start:head.end:head.end]
	t.rest = t.rest[head.end:]
	t.more = len(t.rest) > 0
	return track, true
}

// Err returns why Next stopped before the end of the message, nil if it did not.
func (t *Tracks) Err() error { return t.err }

// trackHead is a track without its payload, which lies between start and end. The end is what the track says of itself
// and may lie behind the message.
type trackHead struct {
	Track
	start, end int
}

// readTrackHead reads what stands between the FourCC shared by all tracks and the payload of the first track in b:
//
//	FourCC (if each track has its own), track id (8 bits), size of the track (24 bits, unless it is the only one),
//	composition time (24 bits signed, coded frames of NAL unit codecs)
//
// The size counts from behind itself, so it includes the composition time (Enhanced RTMP v2, sizeOfVideoTrack).
func readTrackHead(b []byte, kind Multitrack, codec Codec, timed bool) (trackHead, error) {
	h := trackHead{Track: Track{Codec: codec}, end: len(b)}
	if kind == ManyTracksManyCodecs {
		if len(b) < fourCCSize {
			return h, errTrackShort
		}
		own, err := fourCCAt(b)
		if err != nil {
			return h, err
		}
		h.Codec = own
		h.start = fourCCSize
	}
	if kind != NoMultitrack {
		if len(b)-h.start < 1 {
			return h, errTrackShort
		}
		h.ID = b[h.start]
		h.start++
	}
	if kind.isList() {
		if len(b)-h.start < 3 {
			return h, errTrackShort
		}
		size := int(uint24(b[h.start:]))
		h.start += 3
		h.end = h.start + size
	}
	if timed && h.Codec.hasCompositionTime() {
		if min(h.end, len(b))-h.start < 3 {
			return h, errTrackShort
		}
		h.CompositionTime = int24(b[h.start:])
		h.start += 3
	}
	return h, nil
}

// appendTrack appends one entry of a ManyTracks or ManyTracksManyCodecs message. On error dst is returned as it was.
func appendTrack(dst []byte, kind Multitrack, shared Codec, track Track, timed bool) ([]byte, error) {
	codec := shared
	if kind == ManyTracksManyCodecs {
		codec = track.Codec
	}
	timed = timed && codec.hasCompositionTime()
	if !kind.isList() || !codec.IsFourCC() || !compositionTimeFits(track.CompositionTime, timed) {
		return dst, errTrackNotEncodable
	}
	size := len(track.Payload)
	if timed {
		size += 3
	}
	if size > uint24Max {
		return dst, errTrackTooLarge
	}
	if kind == ManyTracksManyCodecs {
		dst = codec.AppendFourCC(dst)
	}
	dst = append(dst, track.ID)
	dst = appendUint24(dst, uint32(size))
	if timed {
		dst = appendUint24(dst, uint32(track.CompositionTime))
	}
	return append(dst, track.Payload...), nil
}

// compositionTimeFits reports whether v can be written: 24 bits where there is a field for it, nothing where there is not.
func compositionTimeFits(v int32, field bool) bool {
	if !field {
		return v == 0
	}
	return v >= int24Min && v <= int24Max
}
