package fanout

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// reference remembers what went into a log, so that what each viewer got can be compared with it.
type reference struct {
	messages []reported
}

// reported is a message of the log as its stream's goroutine knows it.
type reported struct {
	message
	place   bool     // a viewer may begin here
	prelude []string // names, as they are here
}

// follow compares one viewer's bytes with the log: whole messages, in order, contiguous except where it begins or
// skips, which happens at places only and behind the prelude that belongs there. It returns how many bytes of the log
// were skipped and the index of the last message. A prelude may be the last that it gets, if the stream ends then.
func (r *reference) follow(t *testing.T, s *sink, variant byte) (skips int, skipped uint64, at int) {
	t.Helper()
	all, partial := s.messages(t)
	require.NoError(t, s.closed)
	require.Zero(t, partial, "part of a message at the end")
	at = -1
	lastTime := int64(-1 << 62)
	var prelude, last []string
	for _, m := range all {
		if m.origin == fromQueue {
			require.Equal(t, "interjection", m.name())
			continue
		}
		require.Equal(t, variant, m.variant)
		if m.payload[0] != 'S' { // descriptions are always at 0
			require.GreaterOrEqual(t, m.time, lastTime, "time goes back at %s", m.name())
			lastTime = m.time
		}
		// For most viewers, what the group has queued at the beginning of a message is prelude. For a viewer of a
		// variant everything is queued.
		contiguous := prelude == nil && (variant != 0 || m.origin == fromWrite)
		if at >= 0 && contiguous && at+1 < len(r.messages) && r.messages[at+1].same(m) {
			at++
			continue
		}
		// A beginning or a skip: the prelude, then a place further on.
		next := at + 1
		for next < len(r.messages) && (variant == 0 && m.origin == fromMedia || !(r.messages[next].place && r.messages[next].same(m))) {
			next++
		}
		if next == len(r.messages) {
			prelude = append(prelude, m.name())
			require.LessOrEqual(t, len(prelude), 12, "neither in the log nor a prelude: %v after message %d", prelude, at)
			continue
		}
		if at >= 0 {
			skips++
			for _, left := range r.messages[at+1 : next] {
				skipped += uint64(left.bytes)
			}
		}
		want := r.messages[next].prelude
		if len(prelude) > 0 { // an older one may lie before it, if the place changed meanwhile
			require.GreaterOrEqual(t, len(prelude), len(want))
			require.Equal(t, want, append([]string(nil), prelude[len(prelude)-len(want):]...), "before %s", m.name())
		} else if len(want) > 0 && variant == 0 {
			require.Equal(t, want, last, "the prelude has changed before %s", m.name())
		}
		last = want
		prelude, at = nil, next
	}
	return skips, skipped, at
}

func (r reported) same(m message) bool {
	return r.kind == m.kind && r.time == m.time && r.payload == m.payload
}

// modelRun is one random history of a log.
type modelRun struct {
	*world
	rng      *rand.Rand
	ref      reference
	loops    []*task
	groups   []*Group
	watchers []*watcher
	serial   int
	live     bool
	fresh    bool // nothing of the stream is in the log yet
	video    bool
	key      bool
	clock    int64 // of the source
	script   string
	header   [2]string // video, audio
}

type watcher struct {
	*sink
	viewer  *Viewer
	group   *Group
	config  ViewerConfig
	variant byte // of its messages
	left    bool
}

func TestRandomHistories(t *testing.T) {
	seeds := uint64(120)
	if testing.Short() {
		seeds = 30
	}
	var total Stats
	for seed := range seeds {
		r := &modelRun{rng: rand.New(rand.NewPCG(seed, 1))}
		if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { total.add(r.run(t)) }) {
			return
		}
	}
	t.Logf("all histories together: %+v", total)
	if !testing.Short() {
		require.NotZero(t, total.Skips, "the histories must contain what they are about")
		require.NotZero(t, total.BeforeKey)
	}
}

func (s *Stats) add(other Stats) {
	s.Packets += other.Packets
	s.Bytes += other.Bytes
	s.BeforeKey += other.BeforeKey
	s.Skips += other.Skips
	s.SkippedBytes += other.SkippedBytes
}

func (r *modelRun) run(t *testing.T) Stats {
	lagBytes := []int{100 << 10, 400 << 10, 2 << 20}[r.rng.IntN(3)]
	r.world = newWorld(t, Config{LagBytes: lagBytes, AudioDelay: -1})
	r.groups, r.loops = []*Group{r.group}, []*task{r.loop}
	for range r.rng.IntN(3) {
		g, loop := r.newLoop()
		r.groups, r.loops = append(r.groups, g), append(r.loops, loop)
	}
	steps := 50 + r.rng.IntN(400)
	for range steps {
		r.step()
		newest := 0
		if k := len(r.segments); k > 0 {
			newest = len(r.segments[k-1].memory)
		}
		require.LessOrEqual(t, r.Stats().Held, max(lagBytes, newest))
	}
	r.settle()
	return r.check()
}

func (r *modelRun) step() {
	switch n := r.rng.IntN(100); {
	case n < 55:
		r.appendSome()
		r.Publish()
	case n < 60 && len(r.watchers) < 40:
		r.join()
	case n < 62:
		r.leave()
	case n < 66:
		for _, w := range r.watchers { // some peers read, some stop
			if r.rng.IntN(3) == 0 {
				w.room = []int{-1, 0, 1, r.rng.IntN(1000), r.rng.IntN(200_000)}[r.rng.IntN(5)]
			}
		}
	case n < 68:
		r.interject()
	case n < 75:
		for _, loop := range r.loops {
			loop.retryOnce()
		}
	default:
		r.loops[r.rng.IntN(len(r.loops))].step(1 + r.rng.IntN(8))
	}
}

func (t *task) retryOnce() {
	if t.later {
		t.later = false
		t.Mark()
	}
}

func (r *modelRun) join() {
	w := &watcher{sink: &sink{room: -1}}
	switch r.rng.IntN(4) {
	case 0:
		w.portion = func() int { return r.rng.IntN(5000) }
	case 1:
		w.portion = func() int { return r.rng.IntN(100) * r.rng.IntN(2) }
	}
	w.config.FromNextKey = r.rng.IntN(4) == 0
	if r.rng.IntN(6) == 0 {
		w.variant = 1 + byte(r.rng.IntN(3))
		w.config.Rewrite = inVariant(w.variant)
	}
	w.group = r.groups[r.rng.IntN(len(r.groups))]
	w.viewer = w.group.Add(w.sink, w.config)
	r.watchers = append(r.watchers, w)
}

func (r *modelRun) pick() *watcher {
	if len(r.watchers) == 0 {
		return nil
	}
	if w := r.watchers[r.rng.IntN(len(r.watchers))]; !w.left {
		return w
	}
	return nil
}

func (r *modelRun) leave() {
	if w := r.pick(); w != nil {
		w.left = true
		w.viewer.Interject(nil)
		w.group.Remove(w.viewer)
		w.room, w.portion = -1, nil
		w.Flush()
	}
}

func (r *modelRun) interject() {
	if w := r.pick(); w != nil {
		w.viewer.Interject(interjection("interjection"))
	}
}

// appendSome appends some notifications as a source makes them.
func (r *modelRun) appendSome() {
	for range 1 + r.rng.IntN(4) {
		switch n := r.rng.IntN(100); {
		case !r.live || n == 0:
			r.begin()
		case n == 1:
			r.end()
		case n == 2:
			r.describe()
		case n < 6:
			r.sequenceHeader(n % 2)
		case n < 50 || !r.video:
			r.packet(media.Audio, false)
		default:
			r.packet(media.Video, r.rng.IntN(12) == 0)
		}
	}
}

func (r *modelRun) name(prefix string) string {
	r.serial++
	return fmt.Sprint(prefix, r.serial)
}

// logged reports a message that must be in the log now.
func (r *modelRun) logged(kind media.Kind, time int64, payload string, place bool) {
	m := reported{message: message{kind: kind, time: time, payload: payload, bytes: testHeader + len(payload)}, place: place}
	if r.fresh { // where a stream begins anybody may begin, and needs nothing
		r.fresh, m.place = false, true
		r.ref.messages = append(r.ref.messages, m)
		return
	}
	for _, name := range []string{r.script, r.header[0], r.header[1]} {
		if name != "" {
			m.prelude = append(m.prelude, name)
		}
	}
	r.ref.messages = append(r.ref.messages, m)
}

func (r *modelRun) begin() {
	r.end()
	again := r.serial > 0
	r.name("")
	r.word("new")
	if again {
		r.logged(kindNotice, r.stream.wireTime, "[begin]", false)
	}
	r.fresh = true
	r.live, r.video, r.key = true, r.rng.IntN(4) > 0, false
	r.script, r.header = "", [2]string{}
	if r.rng.IntN(2) == 0 {
		r.clock = 0
	}
}

func (r *modelRun) end() {
	if !r.live {
		return
	}
	r.live = false
	at := r.stream.wireTime
	r.word("end")
	r.logged(kindNotice, at, "[end]", false)
}

func (r *modelRun) describe() {
	if r.fresh { // a description that a stream begins with could not be told from the same in a prelude
		r.packet(media.Audio, false)
	}
	r.script = r.name("S")
	r.word(r.script)
	r.logged(media.Other, 0, r.script, false)
}

func (r *modelRun) sequenceHeader(kind int) {
	if kind == 0 && !r.video {
		return
	}
	name := r.name([]string{"V", "H"}[kind])
	r.header[kind] = name
	r.word(fmt.Sprintf("%s@%d", name, r.clock))
	r.logged([]media.Kind{media.Video, media.Audio}[kind], r.stream.wireTime, name, false)
}

func (r *modelRun) packet(kind media.Kind, key bool) {
	r.clock += int64(r.rng.IntN(40))
	prefix, size := "A", r.rng.IntN(600)
	if kind == media.Video {
		prefix, size = "P", r.rng.IntN(30_000)
		if key {
			prefix = "K"
			size *= 1 + r.rng.IntN(4)
		}
		if r.rng.IntN(100) == 0 {
			size = r.rng.IntN(500_000)
		}
	}
	name := r.name(prefix)
	hadVideo := r.stream.hasVideo
	r.word(fmt.Sprintf("%s@%d*%d", name, r.clock, size))
	if kind == media.Video && !key && !r.key {
		return // left out
	}
	r.key = r.key || key
	payload := name
	if size > len(name) {
		payload += "." + string(make([]byte, size-len(name)-1))
	}
	r.logged(kind, r.stream.wireTime, payload, key || kind == media.Audio && !hadVideo)
}

// settle lets every peer read what is there.
func (r *modelRun) settle() {
	r.Publish()
	for _, w := range r.watchers {
		w.room, w.portion = -1, nil
	}
	for busy := true; busy; {
		busy = false
		for _, loop := range r.loops {
			busy = busy || loop.marked.Load() || loop.later
			loop.step(3)
			loop.retryOnce()
		}
	}
}

// check compares what all have got with the log and the counters.
func (r *modelRun) check() Stats {
	t := r.t.(*testing.T)
	stats := r.Stats()
	var skips uint64
	var skipped uint64
	variantSkips := false

	for i, w := range r.watchers {
		n, bytes, at := r.ref.follow(t, w.sink, w.variant)
		skipped += bytes
		if !w.left && !w.viewer.waiting {
			require.Equal(t, len(r.ref.messages)-1, at, "watcher %d has not got everything", i)
			require.False(t, w.viewer.Blocked())
		}
		skips += uint64(n)
		variantSkips = variantSkips || w.variant != 0 && w.viewer.Skips() > 0
		require.LessOrEqual(t, uint64(n), w.viewer.Skips())
	}
	if variantSkips { // a prelude may look like what comes next in the log
		return stats
	}
	require.Equal(t, skips, stats.Skips)
	require.Equal(t, skipped, stats.SkippedBytes)
	return stats
}
