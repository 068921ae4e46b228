package fanout

// Sink is a viewer's connection, as its group needs it. Calls come on the connection's loop.
type Sink interface {
	// Flush writes bytes that were queued earlier and reports whether none are left.
	Flush() bool
	// Write writes as much of spans as the peer takes now; queued bytes have been flushed.
	Write(spans [][]byte) (int, error)
	// Queue appends bytes of the viewer's own behind those queued. The sink bounds them.
	Queue(p []byte)
	// QueueMedia appends bytes behind those queued. The group queues little more than one message.
	QueueMedia(p []byte)
	// Merge makes the kernel merge what is written until the peer has acknowledged what it was sent before, or not.
	Merge(on bool)
	// Close ends the connection after the current callback.
	Close(cause error)
}

// ViewerConfig says how a viewer watches.
type ViewerConfig struct {
	// FromNextKey makes the viewer begin at the next key frame instead of the newest one in the log.
	FromNextKey bool

	// FromOldest makes the viewer begin as far back as the log goes instead, see Config.KeepBeginning.
	FromOldest bool

	// Ended, unless nil, is called once on the loop when the log is finished and the viewer has all of it.
	Ended func()

	// Variant is not 0 for a viewer that needs other bytes than most; Format knows what it means.
	Variant uint32
}

// Viewer is a position in a log. All of it belongs to the loop of its group.
type Viewer struct {
	// What each visit looks at comes first, in one cache line: with thousands of viewers it is cold every time.
	sink    Sink
	group   *Group
	pos     uint64
	waiting bool // for a place to begin, at or behind from, and for the peer to take the first of it
	skipped bool // waiting because it fell behind, at from
	whole   bool // the peer has no part of a message: pos is where one begins
	blocked bool // the last visit ended because the peer took no more
	closed  bool // by the group
	told    bool // that the log is finished
	merges  bool // Sink.Merge is on
	config  ViewerConfig

	held    piece  // that pos lies in, counted, while the peer has part of a message
	index   int    // in group.viewers
	from    uint64 // log position
	joined  uint64 // the head at that time
	version int    // of the prelude that it has
	skips   uint64
}

// Blocked reports whether the peer has not taken all that there is for it.
func (v *Viewer) Blocked() bool { return v.blocked }

// Skips is how often the viewer fell too far behind and skipped to a key frame.
func (v *Viewer) Skips() uint64 { return v.skips }

// Interject makes bytes that are not part of the log follow what the viewer has been sent, at the next place where
// one message ends and another may begin. p is copied.
func (v *Viewer) Interject(p []byte) {
	if v.closed {
		return
	}
	v.finishMessage()
	v.sink.Queue(p)
	v.flush()
}

// serve brings the viewer up to date. It returns how many writes that took, about.
func (v *Viewer) serve(view *view) (writes int) {
	writes = v.serveMedia(view)
	v.endIfDone(view)
	return writes
}

// serveMedia writes what there is for the viewer.
func (v *Viewer) serveMedia(view *view) (writes int) {
	v.blocked = false
	if v.closed {
		return 0
	}
	if v.merges != v.group.merges {
		v.merges = v.group.merges
		v.sink.Merge(v.merges)
	}
	if !v.flush() {
		return 1
	}
	if !v.waiting && v.pos < view.floor && !v.skip(view) {
		return 1
	}
	began := v.waiting
	if v.waiting && !v.begin(view) {
		return 0
	}
	if v.config.Variant != 0 {
		return v.serveVariant(view)
	}
	if began && !v.flush() { // the prelude
		return 1
	}
	return v.write(view)
}

// write writes from the log itself.
func (v *Viewer) write(view *view) (writes int) {
	for v.pos < view.head && writes < writesMax {
		spans := view.spans(v.group.spans[:0], v.pos)
		n, err := v.sink.Write(spans)
		total := 0
		for i := range spans {
			total += len(spans[i])
			spans[i] = nil
		}
		writes++
		if err != nil {
			v.close(err)
			return writes
		}
		if n > 0 {
			v.begun()
			v.group.taken += uint64(n)
			v.pos += uint64(n)
			if v.whole = v.pos == view.head; v.whole {
				v.letGo()
			}
		}
		if n < total {
			break
		}
	}
	v.blocked = v.pos < view.head
	if !v.whole {
		v.hold(view.pieces[view.find(v.pos)])
	}
	return writes
}

func (v *Viewer) flush() bool {
	v.blocked = !v.sink.Flush()
	return !v.blocked
}

func (v *Viewer) close(cause error) {
	v.closed, v.blocked = true, false
	v.letGo()
	v.sink.Close(cause)
}

// begin puts a waiting viewer at the place where it may start now, with the prelude queued before it. One that has
// been waiting for the stream gets all of it, however late the loop comes to it.
func (v *Viewer) begin(view *view) bool {
	start := view.newest
	if view.first.valid && view.first.pos >= v.joined {
		start = view.first
	}
	if v.config.FromOldest && !v.skipped {
		start = view.oldest
	}
	if !start.valid || start.pos < v.from {
		return false
	}
	v.pos, v.whole = start.pos, true
	if p := start.prelude; p != nil && p.version != v.version {
		v.version = p.version
		g := v.group
		at := view.pieces[view.find(start.pos)]
		g.scratch = p.append(g.scratch[:0], g.log.format, g.log.format.Time(at.bytes[start.pos-at.base:]))
		if v.config.Variant != 0 {
			g.scratch = appendVariants(nil, g.scratch, g.log.format, v.config.Variant)
		}
		v.sink.QueueMedia(g.scratch)
	}
	return true
}

// begun is called before the peer gets the first of what it has waited for, at pos. Until then the place may change
// for a newer one.
func (v *Viewer) begun() {
	v.waiting = false
	if v.skipped {
		v.skipped = false
		v.group.log.countSkip(v.pos - v.from)
	}
}

// skip makes a viewer that has fallen too far behind a newcomer again. It reports whether the viewer can go on now.
func (v *Viewer) skip(view *view) bool {
	v.finishMessage()
	if v.pos >= view.floor { // the rest of the message was all that was too old
		return v.flush()
	}
	v.skips++
	v.waiting, v.skipped, v.from = true, true, v.pos
	return v.flush()
}

// finishMessage queues the rest of a message that the peer has part of.
func (v *Viewer) finishMessage() {
	if v.whole {
		return
	}
	rest := v.held.rest(v.group.log.format, v.pos)
	v.sink.QueueMedia(rest)
	v.pos += uint64(len(rest))
	v.whole = true
	v.letGo()
}

// hold keeps a piece from going, however fast the log moves on, until the message that the peer has part of has been
// completed. That is one segment for each viewer at most, usually the same for many, and not for longer than until
// the next visit.
func (v *Viewer) hold(p piece) {
	p.segment.holders.Add(1)
	v.letGo()
	v.held = p
}

func (v *Viewer) letGo() {
	if v.held.segment != nil {
		v.held.segment.release()
		v.held = piece{}
	}
}

// serveVariant copies messages, with their differences, for the rare viewer that needs it.
func (v *Viewer) serveVariant(view *view) (writes int) {
	g := v.group
	for v.flush() && v.pos < view.head && writes < writesMax {
		g.scratch = g.scratch[:0]
		v.begun()
		for v.pos < view.head && len(g.scratch) < variantBytes {
			p := view.pieces[view.find(v.pos)]
			from := p.bytes[v.pos-p.base:]
			n := g.log.format.MessageLen(from)
			g.scratch = g.log.format.AppendVariant(g.scratch, from[:n], v.config.Variant)
			v.pos += uint64(n)
		}
		v.sink.QueueMedia(g.scratch)
		g.taken += uint64(len(g.scratch))
		writes++
	}
	v.blocked = v.blocked || v.pos < view.head
	return max(writes, 1)
}

func appendVariants(dst, messages []byte, f Format, variant uint32) []byte {
	for len(messages) > 0 {
		n := f.MessageLen(messages)
		dst = f.AppendVariant(dst, messages[:n], variant)
		messages = messages[n:]
	}
	return dst
}
