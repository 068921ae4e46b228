package mp4

import (
	"fmt"
	"strings"

	"mmids/engine/media"
	"mmids/flv"
)

// Unit is a piece of the output. A viewer may begin with the newest initialization segment and any key frame behind it;
// without video, with any fragment.
type Unit struct {
	Kind     media.Kind // Audio if the stream has no video
	Init     bool       // an initialization segment: it is to be kept for those who come later
	KeyFrame bool
	Time     int64 // decode time in milliseconds

	// Head and Payload are the bytes, one behind the other. They are valid until the unit has been handled.
	Head, Payload []byte
}

// Output takes what a Muxer makes.
type Output interface {
	// Write handles the next unit.
	Write(u Unit)
	// Restart says that what follows is not for those who have the initialization segment of before: other tracks, or
	// other codecs, which players do not take in the course of a stream.
	Restart()
}

// Muxer makes fragmented MP4 of the first video and the first audio track of a stream. Times never go back, also when
// a publisher returns and counts from zero again. The zero value with an Output is ready. It holds a count on the payload of
// the newest frame of each track, and of the frames with which a stream begins as long as its tracks are not known. End
// gives all of them back.
type Muxer struct {
	Output Output

	video, audio track
	announced    [media.Video + 1]bool // by the stream's description
	started      bool                  // an initialization segment of this stream has been written
	changed      bool                  // it is not that of the tracks as they are
	told         codecs                // of the newest one
	refused      string
	first        int64 // time of the first frame, while not started
	waiting      bool  // first is set
	early        early
	sequence     uint32
	clock        clock
}

// codecs are what a player must know at its beginning; zero stands for a track that is not there.
type codecs struct{ video, audio flv.Codec }

// announcedWait is how long frames wait, in milliseconds of stream time, for the sequence header of a track that the
// stream's description has announced.
const announcedWait = 500

// Begin begins a stream: the first, or one that returns.
func (m *Muxer) Begin() {
	m.End()
	m.video.reset(media.Video, videoTrackID)
	m.audio.reset(media.Audio, audioTrackID)
	m.announced = [media.Video + 1]bool{}
	m.started, m.waiting, m.refused = false, false, ""
	m.clock.begin()
}

// End writes what is held. More may follow behind Begin.
func (m *Muxer) End() {
	m.catchUp()
	m.flush(&m.video)
	m.flush(&m.audio)
}

// Describe takes a stream's description, for the tracks that it announces.
func (m *Muxer) Describe(d *media.Metadata) {
	for _, name := range [...]string{"videocodecid", "width"} {
		_, has := d.Get(name)
		m.announced[media.Video] = m.announced[media.Video] || has
	}
	for _, name := range [...]string{"audiocodecid", "audiosamplerate"} {
		_, has := d.Get(name)
		m.announced[media.Audio] = m.announced[media.Audio] || has
	}
}

// Refused says why there is no MP4 of the stream, empty if there is.
func (m *Muxer) Refused() string { return m.refused }

// ContentType is the media type with the codecs, as browsers want to have it, or empty as long as nothing was written.
func (m *Muxer) ContentType() string {
	if !m.started {
		return ""
	}
	var codecs []string
	kind := "audio"
	if m.video.known() {
		kind = "video"
		codecs = append(codecs, m.video.entry.codecs)
	}
	if m.audio.known() {
		codecs = append(codecs, m.audio.entry.codecs)
	}
	return fmt.Sprintf("%s/mp4; codecs=\"%s\"", kind, strings.Join(codecs, ", "))
}

// Add takes a packet, which is borrowed. What cannot be understood is left out.
func (m *Muxer) Add(p *media.Packet) {
	f, ok := frameOf(p)
	if !ok || m.refused != "" {
		return
	}
	t := m.track(p.Kind)
	switch {
	case !carried(p.Kind, f.codec):
		m.refuse(fmt.Sprintf("MP4 is not made of %s here", f.codec))
	case f.config:
		m.configure(t, f, f.payload, p.Tag())
	default:
		m.learn(t, f, p.Tag())
		m.add(t, heldFrame{frame: f, body: p.Body, time: p.Time})
	}
}

func (m *Muxer) track(kind media.Kind) *track {
	if kind == media.Video {
		return &m.video
	}
	return &m.audio
}

// add takes a frame with the time that its source gives it.
func (m *Muxer) add(t *track, f heldFrame) {
	if m.refused != "" || !t.known() || t.entry.codec != f.codec {
		return
	}
	f.time = m.clock.settle(t.kind, f.time)
	if !m.started && !m.ready(f.time) {
		m.early.add(t.kind, f)
		return
	}
	m.catchUp()
	m.frame(t, f)
}

// catchUp takes the frames that have waited for the tracks to be known.
func (m *Muxer) catchUp() {
	waited := m.early.frames
	m.early = early{}
	for _, f := range waited {
		m.frame(m.track(f.kind), f.heldFrame)
		f.body.Release()
	}
}

// configure takes a sequence header, or what stands for one: config is what it says, tag the message that it is from.
func (m *Muxer) configure(t *track, f frame, config, tag []byte) {
	if !t.same(f.codec, config) && !saysNothing(f.codec, config) {
		m.reconfigure(t, f, config, tag)
	}
}

// learn takes what the frames of some codecs say, which others say in sequence headers.
func (m *Muxer) learn(t *track, f frame, tag []byte) {
	switch f.codec {
	case flv.AC3:
		if config, ok := ac3Config(f.payload); ok {
			m.configure(t, f, config[:], tag)
		}
	case flv.EAC3:
		if config, n := eac3Config(f.payload); n > 0 {
			m.configure(t, f, config[:n], tag)
		}
	case flv.VP9:
		if !f.key || !t.known() {
			return
		}
		if d := flv.DescribeVideo(tag); d.Width > 0 && (d.Width != t.entry.width || d.Height != t.entry.height) {
			m.reconfigure(t, f, t.config, tag)
		}
	}
}

func (m *Muxer) reconfigure(t *track, f frame, config, tag []byte) {
	entry, err := entryOf(t.kind, f, config, tag)
	if err != nil {
		m.refuse(fmt.Sprintf("%s has a sequence header that cannot be understood", f.codec))
		return
	}
	m.flush(t)
	if m.started && t.entry.codec != f.codec { // what is held is for those who do not get what follows
		m.flush(&m.video)
		m.flush(&m.audio)
	}
	m.early.drop(t.kind) // nobody is told how to decode them
	t.configure(entry, config)
	m.changed = true
}

// refuse gives the stream up: half of it would look like a fault of the player.
func (m *Muxer) refuse(why string) {
	m.refused = why
	m.video.drop()
	m.audio.drop()
	m.early.drop(media.Video)
	m.early.drop(media.Audio)
	begun := m.told != codecs{}
	m.started, m.told = false, codecs{}
	if begun {
		m.Output.Restart()
	}
}

// ready reports whether all tracks are known that the stream has announced, or have been waited for.
func (m *Muxer) ready(time int64) bool {
	if !m.waiting {
		m.first, m.waiting = time, true
	}
	missing := m.announced[media.Video] && !m.video.known() || m.announced[media.Audio] && !m.audio.known()
	return !missing || time-m.first >= announcedWait || m.early.full()
}

// frame takes a frame and writes the one before it.
func (m *Muxer) frame(t *track, f heldFrame) {
	if t.kind == media.Video {
		if t.needsKey && !f.key {
			return
		}
		t.needsKey = false
	} else if m.video.known() && m.video.needsKey {
		return // players begin with a picture
	}
	f.time = max(f.time, t.newest)
	if t.held.body != nil {
		t.duration = max(f.time-t.held.time, 1)
		m.write(t)
	}
	t.newest = f.time
	t.hold(f)
}

// flush writes the held frame of a track, with the duration of the one before.
func (m *Muxer) flush(t *track) {
	if t.held.body != nil {
		m.write(t)
	}
}

// write writes the held frame of a track, behind an initialization segment if there is news for it.
func (m *Muxer) write(t *track) {
	defer t.drop()
	if !m.started || m.changed {
		m.started, m.changed = true, false
		m.begin(t.held.time)
	}
	m.sequence++
	m.Output.Write(Unit{
		Kind: t.kind, KeyFrame: t.kind == media.Video && t.held.key, Time: t.held.time,
		Head: t.fragmentHead(m.sequence), Payload: t.held.payload,
	})
}

// begin writes an initialization segment.
func (m *Muxer) begin(time int64) {
	now := codecs{m.video.entry.codec, m.audio.entry.codec}
	if m.told != now && m.told != (codecs{}) {
		m.Output.Restart()
	}
	m.told = now
	m.Output.Write(Unit{Kind: m.startKind(), Init: true, Time: time, Head: initSegment(&m.video, &m.audio)})
}

// startKind is the kind of frames with which viewers begin.
func (m *Muxer) startKind() media.Kind {
	if m.video.known() {
		return media.Video
	}
	return media.Audio
}
