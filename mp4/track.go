package mp4

import (
	"bytes"

	"mmids/engine/media"
	"mmids/flv"
)

const (
	videoTrackID = 1
	audioTrackID = 2
)

// Durations of frames, in milliseconds, until two of them have been seen.
const (
	firstVideoDuration = 33
	firstAudioDuration = 23
)

// track is the video or the audio of a stream.
type track struct {
	kind     media.Kind
	id       uint32
	entry    entry
	config   []byte // of the decoder, as it came
	needsKey bool
	newest   int64 // time of the newest frame
	duration int64 // of the held frame or the one before it
	held     heldFrame
	head     fragmentHead
}

// heldFrame waits for the frame behind it. body is nil if there is none.
type heldFrame struct {
	frame
	body *media.Buffer // counted while it is held
	time int64
}

// reset makes the track that of a stream that begins. Its times go on.
func (t *track) reset(kind media.Kind, id uint32) {
	newest := t.newest
	t.drop()
	*t = track{kind: kind, id: id, newest: newest, needsKey: true, duration: firstAudioDuration}
	if kind == media.Video {
		t.duration = firstVideoDuration
	}
}

// known reports whether the decoder can be told what it needs.
func (t *track) known() bool { return t.entry.box != nil }

// same reports whether a sequence header says what is known already.
func (t *track) same(codec flv.Codec, config []byte) bool {
	return t.known() && t.entry.codec == codec && bytes.Equal(t.config, config)
}

func (t *track) configure(e entry, config []byte) {
	t.entry, t.config = e, bytes.Clone(config)
	t.needsKey = true
	t.head = newFragmentHead(t.id)
}

// hold keeps a frame, which is borrowed.
func (t *track) hold(f heldFrame) {
	f.body.Retain()
	t.held = f
}

// drop lets go of the held frame.
func (t *track) drop() {
	if t.held.body != nil {
		t.held.body.Release()
		t.held = heldFrame{}
	}
}
