package fanout

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// testFormat is the smallest format there can be: kind, variant, time, length, payload.
type testFormat struct{}

const (
	testHeader = 14
	kindNotice = 9
)

func (testFormat) Len(_ media.Kind, _ int64, tagLen int) int { return testHeader + tagLen }

func (testFormat) Append(dst []byte, kind media.Kind, time int64, tag []byte) []byte {
	dst = append(dst, byte(kind), 0)
	dst = binary.BigEndian.AppendUint64(dst, uint64(time))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(tag)))
	return append(dst, tag...)
}

func (testFormat) Script(m *media.Metadata) []byte {
	if m == nil {
		return nil
	}
	return m.Script
}

func (f testFormat) AppendNotice(dst []byte, e media.Event, time int64) []byte {
	at := len(dst)
	dst = f.Append(dst, media.Other, time, []byte(map[media.Event]string{media.NewStream: "[begin]", media.Disconnected: "[end]"}[e]))
	dst[at] = kindNotice
	return dst
}

func (testFormat) MessageLen(b []byte) int {
	return testHeader + int(binary.BigEndian.Uint32(b[10:]))
}

func (testFormat) Time(b []byte) int64 { return int64(binary.BigEndian.Uint64(b[2:])) }

// inVariant returns a ViewerConfig.Rewrite that marks each message.
func inVariant(variant byte) func(dst, message []byte) []byte {
	return func(dst, message []byte) []byte {
		at := len(dst)
		dst = append(dst, message...)
		dst[at+1] = variant
		return dst
	}
}

// message is one that has been parsed back.
type message struct {
	kind    media.Kind
	variant byte
	time    int64
	payload string
	origin  byte // how its first byte came to the sink
	bytes   int
}

// name is the payload without its padding.
func (m message) name() string {
	name, _, _ := strings.Cut(m.payload, ".")
	return name
}

// The ways in which bytes come to a sink.
const (
	fromWrite = 'w'
	fromMedia = 'm'
	fromQueue = 'q'
)

// sink is a viewer's connection whose peer takes as much as there is room for.
type sink struct {
	room    int        // bytes that the peer takes before it blocks; negative means any number
	portion func() int // unless nil, the most that one write takes
	fail    error      // of the next write
	onWrite func()     // unless nil, called by Write
	got     origins    // taken by the peer
	pending origins
	closed  error
	merges  bool
	writes  int
}

// origins is bytes that remember how they came.
type origins struct {
	bytes []byte
	runs  []run
}

type run struct {
	n      int
	origin byte
}

func (o *origins) append(p []byte, origin byte) {
	o.bytes = append(o.bytes, p...)
	if k := len(o.runs); k > 0 && o.runs[k-1].origin == origin {
		o.runs[k-1].n += len(p)
	} else if len(p) > 0 {
		o.runs = append(o.runs, run{len(p), origin})
	}
}

// move moves n bytes from the front of o to the end of to.
func (o *origins) move(n int, to *origins) {
	for n > 0 {
		first := &o.runs[0]
		k := min(n, first.n)
		to.append(o.bytes[:k], first.origin)
		o.bytes = o.bytes[k:]
		if first.n -= k; first.n == 0 {
			o.runs = o.runs[1:]
		}
		n -= k
	}
}

// count returns how many bytes came in one way.
func (o *origins) count(origin byte) (n int) {
	for _, r := range o.runs {
		if r.origin == origin {
			n += r.n
		}
	}
	return n
}

// take returns how many of n bytes the peer takes now.
func (s *sink) take(n int) int {
	if s.portion != nil {
		n = min(n, s.portion())
	}
	if s.room >= 0 {
		n = min(n, s.room)
		s.room -= n
	}
	return n
}

func (s *sink) Flush() bool {
	if s.closed != nil {
		return false
	}
	s.pending.move(s.take(len(s.pending.bytes)), &s.got)
	return len(s.pending.bytes) == 0
}

func (s *sink) Write(spans [][]byte) (total int, err error) {
	if s.onWrite != nil {
		s.onWrite()
	}
	if s.fail != nil {
		return 0, s.fail
	}
	if len(s.pending.bytes) > 0 {
		panic("a write before queued bytes were flushed")
	}
	s.writes++
	for _, span := range spans {
		n := s.take(len(span))
		s.got.append(span[:n], fromWrite)
		total += n
		if n < len(span) {
			break
		}
	}
	return total, nil
}

func (s *sink) Merge(on bool) { s.merges = on }

func (s *sink) Queue(p []byte)      { s.pending.append(p, fromQueue) }
func (s *sink) QueueMedia(p []byte) { s.pending.append(p, fromMedia) }

func (s *sink) Close(cause error) {
	if s.closed != nil {
		panic("closed twice")
	}
	s.closed = cause
}

// messages parses what the peer has got. partial is what follows the last whole message.
func (s *sink) messages(t testing.TB) (all []message, partial int) {
	t.Helper()
	b, at := s.got.bytes, 0
	run, end := 0, 0 // the run that at lies in, and where the next one begins
	for len(b)-at >= testHeader {
		n := testFormat{}.MessageLen(b[at:])
		require.Less(t, n, 64<<20, "no message begins at %d", at)
		if at+n > len(b) {
			break
		}
		for ; end <= at; run++ {
			end += s.got.runs[run].n
		}
		all = append(all, message{
			kind: media.Kind(b[at]), variant: b[at+1], time: testFormat{}.Time(b[at:]),
			payload: string(b[at+testHeader : at+n]), origin: s.got.runs[run-1].origin, bytes: n,
		})
		at += n
	}
	return all, len(b) - at
}

// transcript is what the peer has got as text, without times.
func (s *sink) transcript(t testing.TB) string {
	t.Helper()
	all, partial := s.messages(t)
	require.Zero(t, partial, "part of a message at the end")
	var names []string
	for _, m := range all {
		names = append(names, m.name())
	}
	return strings.Join(names, " ")
}

// timed is what the peer has got as text, with times.
func (s *sink) timed(t testing.TB) string {
	t.Helper()
	all, partial := s.messages(t)
	require.Zero(t, partial, "part of a message at the end")
	var names []string
	for _, m := range all {
		names = append(names, fmt.Sprintf("%s@%d", m.name(), m.time))
	}
	return strings.Join(names, " ")
}

// task stands for a loop that does what it is told when the test says so.
type task struct {
	visit  func(budget int) (int, bool)
	marked atomic.Bool
	marks  atomic.Int32
	later  bool
	onMark func()
}

func (t *task) Mark() {
	t.marks.Add(1)
	t.marked.Store(true)
	if t.onMark != nil {
		t.onMark()
	}
}

func (t *task) Later() { t.later = true }

// step makes one visit if one has been asked for.
func (t *task) step(budget int) {
	if t.marked.CompareAndSwap(true, false) {
		if _, more := t.visit(budget); more {
			t.marked.Store(true)
		}
	}
}

// run makes visits until none is asked for any more.
func (t *task) run() {
	for t.marked.Load() {
		t.step(64)
	}
}

// retry is the pause that Later asks for.
func (t *task) retry() {
	if t.later {
		t.later = false
		t.marked.Store(true)
	}
	t.run()
}

// world is a log with one loop.
type world struct {
	t testing.TB
	*Log
	group *Group
	loop  *task
}

func newWorld(t testing.TB, config Config) *world {
	inUse := media.InUse()
	w := &world{t: t, Log: New(config, testFormat{})}
	w.group, w.loop = w.newLoop()
	t.Cleanup(func() {
		w.Close()
		for _, g := range *w.groups.Load() {
			for len(g.viewers) > 0 {
				g.Remove(g.viewers[0])
			}
		}
		require.Equal(t, inUse, media.InUse(), "memory in use after the log was closed")
	})
	return w
}

// unmeasured makes a loop take its passes for free, so that nothing waits because a test runs on a slow machine.
func unmeasured(l *Loop) *Loop {
	l.load.since = time.Now().Add(1000 * time.Hour)
	return l
}

func (w *world) newLoop() (*Group, *task) {
	loop := new(task)
	group := w.NewGroup(unmeasured(NewLoop(func(visit func(int) (int, bool)) Task {
		loop.visit = visit
		return loop
	}, zerolog.Nop())))
	return group, loop
}

// watch adds a viewer whose peer takes everything.
func (w *world) watch(config ViewerConfig) (*Viewer, *sink) {
	s := &sink{room: -1}
	v := w.group.Add(s, config)
	w.loop.run()
	return v, s
}

// feed appends what a script says, publishes it and lets the loop work. The words are
//
//	new, end   the stream begins, ends
//	S1         a description
//	V1, H1     a video header, an audio header; V1#2 is for track 2, V1#0+1 for two
//	M1, C1     HDR metadata, an audio channel configuration
//	K1, P1     a key frame, another video frame
//	A1, O1     audio, another packet
//	|          publish and let the loop work
//
// each with its time as in K1@40 and its size as in K1*70000, and with ~ behind it if it has waited to be read.
func (w *world) feed(script string) {
	w.t.Helper()
	for word := range strings.FieldsSeq(script) {
		w.word(word)
	}
	w.Publish()
	w.loop.run()
}

func (w *world) word(word string) {
	w.t.Helper()
	word, waited := strings.CutSuffix(word, "~")
	name, size, _ := strings.Cut(word, "*")
	name, at, _ := strings.Cut(name, "@")
	time, _ := strconv.ParseInt(at, 10, 64)
	payload := []byte(name)
	if n, _ := strconv.Atoi(size); n > len(name) {
		payload = append(payload, '.')
		payload = append(payload, make([]byte, n-len(payload))...)
	}
	n := media.Notification{Event: media.Coded, Packet: media.Packet{Time: time}, Waited: waited}
	p := &n.Packet
	if _, tracks, ok := strings.Cut(name, "#"); ok {
		var ids []byte
		for track := range strings.SplitSeq(tracks, "+") {
			number, _ := strconv.Atoi(track)
			ids = append(ids, byte(number))
		}
		p.Track = ids[0]
		if len(ids) > 1 {
			p.Tracks = string(ids)
		}
	}
	switch {
	case word == "|":
		w.Publish()
		w.loop.run()
		return
	case word == "new":
		n = media.Notification{Event: media.NewStream}
	case word == "end":
		n = media.Notification{Event: media.Disconnected}
	case name[0] == 'S':
		n = media.Notification{Event: media.MetadataChanged, Metadata: &media.Metadata{Script: payload}}
	case name[0] == 'V':
		p.Kind, p.Required = media.Video, true
	case name[0] == 'H':
		p.Kind, p.Required = media.Audio, true
	case name[0] == 'M':
		p.Kind, p.Required, p.Aside = media.Video, true, true
	case name[0] == 'C':
		p.Kind, p.Required, p.Aside = media.Audio, true, true
	case name[0] == 'K':
		p.Kind, p.KeyFrame = media.Video, true
	case name[0] == 'P':
		p.Kind = media.Video
	case name[0] == 'A':
		p.Kind = media.Audio
	case name[0] == 'O':
		p.Kind = media.Other
	default:
		w.t.Fatalf("unknown word %q", word)
	}
	if n.Event == media.Coded {
		p.Body = media.CopyBuffer(payload)
	}
	w.Append(&n)
	n.Release()
}
