package fuzz

import (
	"errors"
	"slices"
	"testing"

	"mmids/flv"
)

// flvHeader is a header of a video or audio body.
type flvHeader interface {
	comparable
	Tracks(body []byte) flv.Tracks
	AppendTrack(dst []byte, track flv.Track) ([]byte, error)
}

// flvKind is what differs between the two kinds of headers, so that one test can hold both to their promises.
type flvKind[H flvHeader] struct {
	parse  func(body []byte) (H, error)
	write  func(dst []byte, h H) ([]byte, error)
	fields func(h *H) flvFields
	// settle sets what only this kind has to what a reader can know of a header that was written with these tracks.
	settle func(h *H, tracks []flv.Track)
}

// flvFields are what headers of both kinds have.
type flvFields struct {
	multitrack  flv.Multitrack
	enhanced    bool
	codec       *flv.Codec
	trackID     *uint8
	nanoseconds *uint32
	size        *int
}

var (
	flvVideo = flvKind[flv.VideoHeader]{
		parse: flv.ParseVideo, write: flv.AppendVideoHeader, settle: settleVideo,
		fields: func(h *flv.VideoHeader) flvFields {
			return flvFields{h.Multitrack, h.Enhanced, &h.Codec, &h.TrackID, &h.NanosecondOffset, &h.Size}
		},
	}
	flvAudio = flvKind[flv.AudioHeader]{
		parse: flv.ParseAudio, write: flv.AppendAudioHeader, settle: func(*flv.AudioHeader, []flv.Track) {},
		fields: func(h *flv.AudioHeader) flvFields {
			return flvFields{h.Multitrack, h.Enhanced, &h.Codec, &h.TrackID, &h.NanosecondOffset, &h.Size}
		},
	}
)

// settleVideo: fields that a form has no room for are zero.
func settleVideo(h *flv.VideoHeader, tracks []flv.Track) {
	if isList(h.Multitrack) {
		h.CompositionTime = tracks[0].CompositionTime
	}
	if h.Packet != flv.PacketCommand {
		h.Command = 0
		return
	}
	h.CompositionTime = 0
	if h.Enhanced {
		h.Codec = 0
	}
}

func isList(m flv.Multitrack) bool { return m == flv.ManyTracks || m == flv.ManyTracksManyCodecs }

// checkRead holds a reader of headers to this: a header that parses can be written and parses to the same again; it does not
// depend on bytes behind itself; and its tracks lie inside the body, in order, and can be written again. It returns the
// header, if there is one.
func (k flvKind[H]) checkRead(t *testing.T, body []byte) (h H, ok bool) {
	t.Helper()
	h, err := k.parse(body)
	if err != nil {
		var none H
		checkFLVError(t, err, h == none)
		return h, false
	}
	size := *k.fields(&h).size
	if size < 1 || size > len(body) || *k.fields(&h).nanoseconds > 999_999 {
		t.Fatalf("%+v of %d bytes", h, len(body))
	}
	for cut := range min(size, 64) {
		if _, err := k.parse(body[:cut]); !errors.Is(err, flv.ErrShort) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	k.checkWrittenAgain(t, h, body)
	return h, true
}

func (k flvKind[H]) checkWrittenAgain(t *testing.T, h H, body []byte) {
	t.Helper()
	size := k.fields(&h).size
	again, err := k.write(nil, h)
	if err != nil {
		t.Fatalf("cannot write %+v: %v", h, err)
	}
	tracks, tracksErr := flvTracks(t, h.Tracks(body), body[*size:])
	if isList(k.fields(&h).multitrack) {
		if len(tracks) == 0 {
			return // the first track has a head, but is cut off
		}
		for _, track := range tracks {
			if again, err = h.AppendTrack(again, track); err != nil {
				t.Fatalf("cannot write %+v: %v", track, err)
			}
		}
	} else {
		if tracksErr != nil {
			t.Fatalf("the only track: %v", tracksErr)
		}
		again = append(again, body[*size:]...)
	}
	h2, err := k.parse(again)
	if err != nil {
		t.Fatalf("cannot parse what was written for %+v: %v", h, err)
	}
	size2 := k.fields(&h2).size
	tracks2, err := flvTracks(t, h2.Tracks(again), again[*size2:])
	*size2 = *size
	if h2 != h || err != nil || !slices.EqualFunc(tracks, tracks2, sameFLVTrack) {
		t.Fatalf("written and parsed again:\n%+v %+v\n%+v %+v %v", h, tracks, h2, tracks2, err)
	}
}

// checkWritten writes a header and, from the plan, what stands behind it. What can be written is read as it was meant,
// wherever it is cut and whatever prefixes stand before it.
func (k flvKind[H]) checkWritten(t *testing.T, p *plan, h H, codecs []flv.Codec) {
	t.Helper()
	f := k.fields(&h)
	body, err := k.write(nil, h)
	tracks := p.tracks(codecs)
	if err != nil {
		if !errors.Is(err, flv.ErrNotEncodable) || len(body) > 0 {
			t.Fatalf("%+v: %v", h, err)
		}
		return
	}
	if isList(f.multitrack) {
		if body, tracks = appendTracks(t, tracks, body, h.AppendTrack); len(tracks) == 0 {
			return // nothing to be read
		}
	} else {
		body = append(body, tracks[0].Payload...)
	}
	got, err := k.parse(body)
	if err != nil {
		t.Fatalf("cannot read what was written for %+v: %v", h, err)
	}
	k.checkRead(t, body)
	switch f.multitrack { // what the header says of tracks is what its first one says
	case flv.NoMultitrack:
		*f.trackID = 0
	case flv.ManyTracks:
		*f.trackID = tracks[0].ID
	case flv.ManyTracksManyCodecs:
		*f.trackID, *f.codec = tracks[0].ID, tracks[0].Codec
	}
	k.settle(&h, tracks)
	*f.size = *k.fields(&got).size
	if got != h {
		t.Fatalf("%+v became %+v", h, got)
	}
	requireTracks(t, f.multitrack, tracks, got.Tracks(body))
	k.checkPrefixed(t, p, body, got)
}

// checkPrefixed puts prefixes before a body, which change nothing of what its header says.
func (k flvKind[H]) checkPrefixed(t *testing.T, p *plan, body []byte, got H) {
	t.Helper()
	f := k.fields(&got)
	prefixed, count := p.prefix(body, f.enhanced)
	again, err := k.parse(prefixed)
	if count > prefixesMax {
		if !errors.Is(err, flv.ErrUnsupported) {
			t.Fatalf("%d prefixes: %v", count, err)
		}
		return
	}
	*f.size += len(prefixed) - len(body)
	*k.fields(&again).nanoseconds = *f.nanoseconds // a prefix may have said another
	if err != nil || again != got {
		t.Fatalf("behind %d prefixes %+v became %+v: %v", count, got, again, err)
	}
}
