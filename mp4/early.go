package mp4

import "mmids/engine/media"

// early is the frames that wait until all tracks are known: without them a stream would begin at its second key frame.
type early struct {
	frames []earlyFrame
	bytes  int // of payloads
}

// earlyFrame has a count on its payload.
type earlyFrame struct {
	heldFrame
	kind media.Kind
}

// What may wait. Half a second of 60 Mbit/s has 4 MB, and of sound and pictures about 60 frames.
const (
	earlyBytesMax  = 8 << 20
	earlyFramesMax = 500
)

// full reports whether it is time to begin with what is known.
func (e *early) full() bool { return e.bytes >= earlyBytesMax || len(e.frames) >= earlyFramesMax }

func (e *early) add(kind media.Kind, f heldFrame) {
	f.body.Retain()
	e.frames = append(e.frames, earlyFrame{f, kind})
	e.bytes += len(f.payload)
}

// drop lets go of the frames of a kind.
func (e *early) drop(kind media.Kind) {
	kept := e.frames[:0]
	for _, f := range e.frames {
		if f.kind != kind {
			kept = append(kept, f)
			continue
		}
		e.bytes -= len(f.payload)
		f.body.Release()
	}
	clear(e.frames[len(kept):])
	e.frames = kept
}
