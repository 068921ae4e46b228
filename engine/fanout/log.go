package fanout

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"mmids/engine/media"
)

// Log is one stream's bytes in one format. Append, Publish and Close are for the goroutine that owns the stream;
// the other methods may be called from anywhere.
type Log struct {
	config Config
	format Format

	// stream's goroutine
	stream   streamState
	versions int // of preludes
	segments []*segment
	held     int        // bytes of memory in segments
	dropped  []*segment // let go of, to be released once nobody can borrow them any more
	end      uint64     // position behind the last byte
	age      int64      // stream time that has passed in this log, in milliseconds; it never goes back
	first    place      // where viewers begin that were there before the stream
	newest   place      // where a newcomer begins
	places   beginnings // with Config.KeepBeginning
	counts   Stats      // those counters that only the stream's goroutine changes
	dirty    bool       // something to publish
	urgent   bool       // something that must not wait for company
	fresh    bool       // something that has not waited to be read

	groups atomic.Pointer[[]*Group]

	mu     sync.Mutex
	shared sharedView
	stats  Stats
}

// sharedView is the published state, guarded by Log.mu.
type sharedView struct {
	segments []*segment
	head     uint64
	floor    uint64
	first    place
	newest   place
	oldest   place // with Config.KeepBeginning
	finished bool
}

// place is a position where a viewer may begin. The zero value is none.
type place struct {
	pos     uint64
	valid   bool
	prelude *prelude // as it is there; what changes later is in the log behind pos
}

// Stats are counters since the log was made.
type Stats struct {
	Packets      uint64 // appended
	BeforeKey    uint64 // video packets left out because their stream had not had a key frame yet
	PreludeOver  uint64 // descriptions and sequence headers that were too large to keep for newcomers
	Bytes        uint64 // appended
	Skips        uint64 // times that a viewer skipped to a key frame
	SkippedBytes uint64 // that these skips left out
	Held         int    // bytes of segments that the log holds now
	Viewers      int
	Sent         uint64 // that viewers' kernels have taken; as of the visits that are over
	Behind       uint64 // bytes that the slowest viewer has yet to get, as of the last passes

	// FlushWait is how long news waits at present before it leaves, on the loop where that is longest.
	FlushWait time.Duration
}

// New returns an empty log.
func New(config Config, format Format) *Log {
	l := &Log{config: config.withDefaults(), format: format}
	l.groups.Store(new([]*Group))
	return l
}

// reserve returns the segment that the next n bytes go to.
func (l *Log) reserve(n int) *segment {
	if k := len(l.segments); k > 0 && l.segments[k-1].room() >= n {
		return l.segments[k-1]
	}
	s := newSegment(l.end, n)
	l.segments = append(l.segments, s)
	l.held += len(s.memory)
	return s
}

// grow takes what has been appended to a reserved segment.
func (l *Log) grow(s *segment, n int) {
	s.used += n
	s.last = l.age
	l.end = s.end()
	l.dirty = true
}

// appendMessage encodes one tag body at the end and returns where it begins.
func (l *Log) appendMessage(kind media.Kind, time int64, tag []byte) uint64 {
	n := l.format.Len(kind, time, len(tag))
	s := l.reserve(n)
	at := l.end
	if got := len(l.format.Append(s.memory[:s.used], kind, time, tag)) - s.used; got != n {
		panic(fmt.Sprintf("BUG: a message of %d bytes was announced with %d", got, n))
	}
	l.grow(s, n)
	return at
}

// Publish makes what was appended visible and wakes the loops that have viewers, at once or when news has waited as
// Config.Flush says.
func (l *Log) Publish() {
	if !l.dirty {
		return
	}
	l.dirty = false
	floor := l.trim()
	l.mu.Lock()
	news := l.publishLocked(floor) && l.stats.Viewers > 0
	l.mu.Unlock()
	l.releaseDropped()
	if news {
		l.wake()
	}
	l.urgent, l.fresh = false, false
}

// publishLocked copies the state for the loops and reports whether there is something new to write to viewers.
func (l *Log) publishLocked(floor uint64) (news bool) {
	news = l.end != l.shared.head
	for _, s := range l.segments {
		s.length = s.used
	}
	l.stats.Packets, l.stats.BeforeKey, l.stats.PreludeOver = l.counts.Packets, l.counts.BeforeKey, l.counts.PreludeOver
	l.stats.Bytes, l.stats.Held = l.end, l.held
	l.shared.segments = append(l.shared.segments[:0], l.segments...)
	l.shared.head, l.shared.floor = l.end, floor
	l.shared.first, l.shared.newest, l.shared.oldest = l.first, l.newest, l.places.oldest()
	return news
}

// wake asks every loop that has viewers for a visit, when news has waited as long as it does there, which includes the time
// that it waited to be read. Audio is willing to wait for the next video.
func (l *Log) wake() {
	company := l.config.AudioDelay
	if l.urgent || !l.stream.hasVideo {
		company = 0
	}
	for _, g := range *l.groups.Load() {
		switch {
		case g.count.Load() == 0:
		case l.fresh:
			g.waiting.mark(g, company)
		default:
			g.waiting.leave(g)
		}
	}
}

// trim lets go of segments that no viewer may need any more. It returns the floor: a viewer below has fallen too
// far behind.
func (l *Log) trim() (floor uint64) {
	needed, grace := l.needed()
	gone := 0
	for gone < len(l.segments)-1 && l.behind(l.segments[gone], needed, grace) {
		l.held -= len(l.segments[gone].memory)
		gone++
	}
	floor = l.end
	if gone < len(l.segments) {
		floor = l.segments[gone].base
	}
	if l.first.pos < floor {
		l.first = place{}
	}
	if l.newest.pos < floor {
		l.newest = place{} // the group of pictures is larger than the log: newcomers wait for the next
	}
	l.places.trim(floor)
	l.dropped = append(l.dropped, l.segments[:gone]...)
	rest := copy(l.segments, l.segments[gone:])
	clear(l.segments[rest:])
	l.segments = l.segments[:rest]
	return floor
}

// needed returns the position from which on somebody may still need the log, apart from newcomers: that of the slowest
// viewer, as far as it is known. Within the grace, in ms of stream time, that does not count.
func (l *Log) needed() (pos uint64, grace int64) {
	if l.config.KeepBeginning {
		return 0, 0
	}
	pos = l.end
	for _, g := range *l.groups.Load() {
		if g.count.Load() > 0 {
			pos, grace = min(pos, g.needed.Load()), viewerGrace
		}
	}
	return pos, grace
}

// viewerGrace is how much of a log with viewers stays in any case, for those who have just begun and whose position is
// not known yet.
const viewerGrace = 500 // ms of stream time

// behind reports whether the oldest segment can go: when the log is too large; and when newcomers do not need it for the
// current group of pictures, and it is further back than the lag or nobody needs it.
func (l *Log) behind(s *segment, needed uint64, grace int64) bool {
	switch {
	case l.held > l.config.LagBytes:
		return true
	case l.newest.valid && s.end() > l.newest.pos:
		return false
	}
	age := l.age - s.last
	return age > l.config.Lag.Milliseconds() || s.end() <= needed && age > grace
}

// startHere makes a position the one where newcomers begin.
func (l *Log) startHere(at uint64) {
	l.newest = place{pos: at, valid: true, prelude: l.stream.prelude}
	if l.config.KeepBeginning {
		l.places.add(l.newest)
	}
}

// releaseDropped is called after the dropped segments have been taken out of the shared view: a visit copies the
// view and counts its segments in one critical section, so none of these can be borrowed any more.
func (l *Log) releaseDropped() {
	for i, s := range l.dropped {
		s.release()
		l.dropped[i] = nil
	}
	l.dropped = l.dropped[:0]
}

func (l *Log) viewers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats.Viewers
}

// Stats returns the counters.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	s, head, floor := l.stats, l.shared.head, l.shared.floor
	l.mu.Unlock()
	for _, g := range *l.groups.Load() {
		s.Sent += g.sent.Load()
		if g.count.Load() > 0 {
			if needed := max(g.needed.Load(), floor); needed < head { // nobody can be further behind than the log goes
				s.Behind = max(s.Behind, head-needed)
			}
			s.FlushWait = max(s.FlushWait, g.waiting.now())
		}
	}
	return s
}

// Close lets go of all memory. Viewers get nothing more but the rest of a message that they have part of. Nothing may
// be appended afterwards.
func (l *Log) Close() {
	for _, g := range *l.groups.Load() {
		g.waiting.forget(g)
	}
	l.dropped = append(l.dropped, l.segments...)
	l.segments, l.held = nil, 0
	l.mu.Lock()
	l.shared = sharedView{head: l.end, floor: l.end}
	l.stats.Held = 0
	l.mu.Unlock()
	l.releaseDropped()
}

// borrow copies the published state into v and counts its segments. v.release gives them back.
func (l *Log) borrow(v *view) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.shared.segments {
		s.holders.Add(1)
		v.pieces = append(v.pieces, piece{base: s.base, bytes: s.memory[:s.length], segment: s})
	}
	v.head, v.floor = l.shared.head, l.shared.floor
	v.first, v.newest, v.oldest = l.shared.first, l.shared.newest, l.shared.oldest
	v.finished = l.shared.finished
}
