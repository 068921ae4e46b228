package fanout

// Sink is a viewer's connection, as its group needs it. Calls come on the connection's loop.
type Sink interface {
	// Flush writes bytes that were queued earlier and reports whether none are left.
	Flush() bool
	// Write writes as much of spans as the peer takes now; queued bytes have been flushed.
	Write(spans [][]byte) (int, error)
	// QueueMedia appends bytes behind those queued. The group queues little more than one message.
	QueueMedia(p []byte)
	// Close ends the connection after the current callback.
	Close(cause error)
}

// ViewerConfig says how a viewer watches.
type ViewerConfig struct {
	// FromNextKey makes the viewer begin at the next key frame instead of the newest one in the log.
	FromNextKey bool

	// Variant is not 0 for a viewer that needs other bytes than most; Format knows what it means.
	Variant uint32
}

// Viewer is a position in a log. All of it belongs to the loop of its group.
type Viewer struct {
	group   *Group
	sink    Sink
	config  ViewerConfig
	index   int // in group.viewers
	pos     uint64
	waiting bool   // for a place to begin, at or behind from
	from    uint64 // log position
	skipped bool   // waiting because it fell behind
	version int    // of the prelude that it has
	whole   bool   // pos is where a message begins
	blocked bool   // the last visit ended because the peer took no more
	skips   uint64
}

// Blocked reports whether the peer has not taken all that there is for it.
func (v *Viewer) Blocked() bool { return v.blocked }

// Skips is how often the viewer fell too far behind and skipped to a key frame.
func (v *Viewer) Skips() uint64 { return v.skips }

// Interject makes bytes that are not part of the log follow what the viewer has been sent, at the next place where
// one message ends and another may begin. p is copied.
func (v *Viewer) Interject(p []byte) {
	g := v.group
	g.log.borrow(&g.view)
	defer g.view.release()
	if !v.waiting {
		v.finishMessage(&g.view)
	}
	v.sink.QueueMedia(p)
	v.sink.Flush()
}

// finishMessage queues the rest of a message that the peer has part of.
func (v *Viewer) finishMessage(view *view) {
	if rest := view.rest(v.group.log.format, v.pos); len(rest) > 0 {
		v.sink.QueueMedia(rest)
		v.pos += uint64(len(rest))
	}
	v.whole = true
}

// serve writes what there is for the viewer. It returns how many writes that took.
func (v *Viewer) serve(view *view) (writes int) {
	v.blocked = false
	if !v.sink.Flush() {
		v.blocked = true
		return 1
	}
	if !v.waiting && v.pos < view.floor && !v.skip(view) {
		return 1
	}
	if v.waiting && !v.begin(view) {
		return 0
	}
	if v.config.Variant != 0 {
		return v.serveVariant(view)
	}
	if !v.sink.Flush() { // the prelude, or what skip left
		v.blocked = true
		return 1
	}
	for v.pos < view.head && writes < 4 {
		spans := view.spans(v.group.spans[:0], v.pos)
		n, err := v.sink.Write(spans)
		total := 0
		for i := range spans {
			total += len(spans[i])
			spans[i] = nil
		}
		writes++
		if err != nil {
			v.sink.Close(err)
			return writes
		}
		v.pos += uint64(n)
		v.whole = v.pos == view.head
		if n < total {
			v.blocked = true
			return writes
		}
	}
	v.blocked = v.pos < view.head
	return writes
}

// begin puts a waiting viewer at the place where newcomers start, with the prelude queued before it.
func (v *Viewer) begin(view *view) bool {
	if !view.starts || view.start < v.from {
		return false
	}
	i := view.find(view.start)
	if i < 0 || i == len(view.pieces) {
		return false
	}
	g := v.group
	if v.skipped {
		v.skipped = false
		g.log.countSkip(view.start - v.from)
	}
	v.waiting, v.whole, v.pos = false, true, view.start
	if p := view.prelude; p != nil && p.version != v.version {
		v.version = p.version
		at := view.pieces[i]
		g.scratch = p.append(g.scratch[:0], g.log.format, g.log.format.Time(at.bytes[view.start-at.base:]))
		if v.config.Variant != 0 {
			g.scratch = appendVariants(nil, g.scratch, g.log.format, v.config.Variant)
		}
		v.sink.QueueMedia(g.scratch)
	}
	return true
}

// skip makes a viewer that has fallen too far behind a newcomer again. It reports whether the viewer can go on.
func (v *Viewer) skip(view *view) bool {
	if view.find(v.pos) >= 0 {
		v.finishMessage(view)
	} else if !v.whole {
		v.group.log.countLost()
		v.sink.Close(ErrLost)
		return false
	}
	v.skips++
	v.waiting, v.skipped, v.from = true, true, v.pos
	v.blocked = !v.sink.Flush()
	return !v.blocked
}

// serveVariant copies messages, with their differences, for the rare viewer that needs it.
func (v *Viewer) serveVariant(view *view) (writes int) {
	g := v.group
	f := g.log.format
	for v.sink.Flush() {
		i := view.find(v.pos)
		if i < 0 || i == len(view.pieces) {
			return writes
		}
		p := view.pieces[i]
		from := p.bytes[v.pos-p.base:]
		n := 0
		for n < len(from) && n < variantBytes {
			n += f.MessageLen(from[n:])
		}
		g.scratch = appendVariants(g.scratch[:0], from[:n], f, v.config.Variant)
		v.sink.QueueMedia(g.scratch)
		v.pos += uint64(n)
		writes++
	}
	v.blocked = true
	return writes + 1
}

func appendVariants(dst, messages []byte, f Format, variant uint32) []byte {
	for len(messages) > 0 {
		n := f.MessageLen(messages)
		dst = f.AppendVariant(dst, messages[:n], variant)
		messages = messages[n:]
	}
	return dst
}
