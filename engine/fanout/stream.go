package fanout

import (
	"bytes"
	"slices"

	"mmids/engine/media"
)

// streamState is what the log knows of the stream that is being appended. Stream's goroutine only.
type streamState struct {
	live     bool
	before   bool // an earlier stream has been in this log
	hasVideo bool
	keys     KeyFrames
	offset   int64                  // added to packet times, so that a viewer's times never go back when a publisher returns
	timed    bool                   // offset has been settled
	newest   [media.Video + 1]int64 // time of the newest packet of each kind, offset included
	wireTime int64                  // newest time, offset included; audio and video may lie a little before it
	prelude  *prelude
}

// prelude is what a newcomer needs before its first frame. It is immutable and in ordinary memory: it changes a
// few times in a stream's life and loops keep it while they encode.
type prelude struct {
	version int
	script  []byte
	headers []header
}

// header is a required packet.
type header struct {
	packet media.Packet // without its body
	tag    []byte
}

// returnGap is put between the last packet of a stream and the first of the next where the publisher's own times
// would go back.
const returnGap = 20

// Append adds a notification to the log. It becomes visible with Publish. n is borrowed.
func (l *Log) Append(n *media.Notification) {
	l.fresh = l.fresh || !n.Waited
	switch n.Event {
	case media.NewStream:
		l.beginStream()
	case media.Disconnected:
		l.endStream()
	case media.MetadataChanged:
		l.describe(n.Metadata)
	case media.Coded:
		l.add(&n.Packet)
	}
}

func (l *Log) beginStream() {
	l.endStream()
	again := l.stream.before
	l.stream = streamState{live: true, before: true, wireTime: l.stream.wireTime}
	if again {
		l.notice(media.NewStream)
	}
	l.first = place{pos: l.end, valid: true} // whoever waits for the stream gets all of it
	l.newest = l.first
	if l.config.KeepBeginning {
		l.places.add(l.first)
	}
	l.dirty = true
}

func (l *Log) endStream() {
	if !l.stream.live {
		return
	}
	l.stream.live = false
	l.notice(media.Disconnected)
	l.first, l.newest, l.places = place{}, place{}, nil // nobody begins in a stream that is over
	l.stream.prelude = nil
	l.dirty = true
}

func (l *Log) notice(e media.Event) {
	notice := l.format.AppendNotice(nil, e, l.stream.wireTime)
	if len(notice) == 0 {
		return
	}
	s := l.reserve(len(notice))
	copy(s.memory[s.used:], notice)
	l.grow(s, len(notice))
	l.urgent = true
}

func (l *Log) describe(m *media.Metadata) {
	if !l.stream.live {
		return
	}
	script := l.format.Script(m)
	if script == nil {
		return
	}
	l.changePrelude(func(p *prelude) { p.script = script })
	l.appendMessage(media.Other, descriptionTime, script)
	l.urgent = true
}

// descriptionTime is the time of a stream's description wherever it comes in the log: ffmpeg takes a description with
// another time for a stream of text.
const descriptionTime = 0

// add appends a packet. Video waits for its stream's first key frame: nothing before can be decoded.
func (l *Log) add(p *media.Packet) {
	s := &l.stream
	if !s.live {
		return
	}
	if p.Kind == media.Video {
		s.hasVideo = true
		if !p.Required && !p.KeyFrame && !s.keys.any {
			l.counts.BeforeKey++
			l.dirty = true
			return
		}
	}
	if p.Required {
		l.keepHeader(p)
	}
	time := l.settleTime(p)
	if p.Required { // a workflow that has changed says a header again with the time at which it was said first
		time = max(time, s.newest[p.Kind])
	}
	s.newest[p.Kind] = time
	l.advance(time)
	at := l.appendMessage(p.Kind, time, p.Tag())
	l.counts.Packets++
	switch {
	case p.Kind == media.Video:
		l.urgent = true
		if begin, ok := s.keys.Note(p, at); ok {
			l.startHere(begin)
		}
	case p.Required:
		l.urgent = true
	case p.Kind == media.Audio && !s.hasVideo:
		l.startHere(at)
	}
}

// settleTime maps a packet's time to the log's. The stream's first packet decides: a publisher that returns
// while somebody watches usually counts from zero again, and no viewer's clock may go back. A sequence header decides
// nothing where it would go back: one of a stream that has been away may have the time at which it was said first.
func (l *Log) settleTime(p *media.Packet) int64 {
	s := &l.stream
	if !s.timed {
		back := l.viewers() > 0 && p.Time < s.wireTime
		if back && p.Required {
			return s.wireTime
		}
		s.timed = true
		if back {
			s.offset = s.wireTime + returnGap - p.Time
		} else {
			s.wireTime = p.Time
		}
	}
	return p.Time + s.offset
}

// advance moves the log's clocks to a packet's time. Audio and video may cross by a little, but a source that goes
// back by more than the lag has set its clock anew, and the log's age is counted on from there.
func (l *Log) advance(time int64) {
	switch step := time - l.stream.wireTime; {
	case step > 0:
		l.age += step
		l.stream.wireTime = time
	case -step > l.config.Lag.Milliseconds():
		l.stream.wireTime = time
	}
}

// keepHeader makes a required packet part of the prelude, in the place of what it supersedes. Some encoders repeat the
// same header with every key frame, which changes nothing.
func (l *Log) keepHeader(p *media.Packet) {
	if l.stream.prelude != nil {
		for i := range l.stream.prelude.headers {
			if l.stream.prelude.headers[i].repeats(p) {
				return
			}
		}
	}
	h := header{*p, bytes.Clone(p.Tag())}
	h.packet.Body = nil
	l.changePrelude(func(next *prelude) {
		next.headers = slices.DeleteFunc(next.headers, func(old header) bool { return p.Supersedes(&old.packet) })
		next.insert(h)
	})
}

func (h *header) repeats(p *media.Packet) bool {
	return h.packet.Type == p.Type && h.packet.Supersedes(p) && p.Supersedes(&h.packet) && bytes.Equal(h.tag, p.Tag())
}

// insert puts video first, as players expect, sequence headers before what comes beside them, and tracks in the order of
// their ids, because players number them as they come. Only what is said of several tracks at once keeps its place in the
// order of arrival: of two that share a track the newer one has to be the last.
func (p *prelude) insert(h header) {
	at := len(p.headers)
	for at > 0 && h.precedes(&p.headers[at-1]) {
		at--
	}
	p.headers = slices.Insert(p.headers, at, h)
}

func (h *header) precedes(other *header) bool {
	if a, b := h.rank(), other.rank(); a != b {
		return a < b
	}
	return h.packet.Tracks == "" && other.packet.Tracks == "" && h.packet.Track < other.packet.Track
}

func (h *header) rank() (rank int) {
	if h.packet.Kind != media.Video {
		rank = 2
	}
	if h.packet.Aside {
		rank++
	}
	return rank
}

// changePrelude replaces the prelude by a changed copy, unless that gets too large. Whatever changes it is in the log
// as well, for those who watch already.
func (l *Log) changePrelude(change func(*prelude)) {
	l.versions++
	next := &prelude{version: l.versions}
	if old := l.stream.prelude; old != nil {
		next.script = old.script
		next.headers = append(next.headers, old.headers...)
	}
	change(next)
	if next.size() > preludeBytesMax {
		l.counts.PreludeOver++
		return
	}
	l.stream.prelude = next
}

func (p *prelude) size() int {
	n := len(p.script)
	for _, h := range p.headers {
		n += len(h.tag)
	}
	return n
}

// append encodes the prelude with the time at which its viewer begins.
func (p *prelude) append(dst []byte, f Format, time int64) []byte {
	if p.script != nil {
		dst = f.Append(dst, media.Other, descriptionTime, p.script)
	}
	for _, h := range p.headers {
		dst = f.Append(dst, h.packet.Kind, time, h.tag)
	}
	return dst
}
