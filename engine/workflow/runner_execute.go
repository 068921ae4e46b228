package workflow

import (
	"cmp"
	"slices"

	"mmids/engine/media"
)

// handleMedia takes media that an instance delivered as its output, or that came from outside, and carries it through
// the steps behind. The queue releases it later.
func (r *runner) handleMedia(from *instance, all []media.Notification) {
	for batch := range slices.Chunk(all, batchMax) {
		r.carryMedia(from, batch)
	}
	r.notePatience()
}

// notePatience tells those who deliver media how much later it may come.
func (r *runner) notePatience() {
	least := Endless
	if len(r.taps) > 0 {
		least = 0
	}
	for _, i := range r.active {
		patience, err := i.patience()
		if err != nil {
			r.broken(i, err)
			return
		}
		least = min(least, patience)
	}
	for _, i := range r.active {
		if i.owner.Patience() != least {
			i.owner.patience.Store(int64(least))
		}
	}
}

func (r *runner) carryMedia(from *instance, batch []media.Notification) {
	if from == nil {
		came := r.noteOutput(nil, batch)
		if r.failure == nil {
			r.carry(0, batch, came)
		}
		return
	}
	if from.closed {
		return
	}
	went := r.noteOutput(from, batch)
	if from.position >= 0 {
		r.carry(from.position+1, batch, went)
	}
}

// handleResults executes an instance with results of its own and, if it is active, every step behind it.
func (r *runner) handleResults(to *instance, results []any) {
	if to.closed {
		return // the queue discards them
	}
	defer clear(results)
	went, ok := r.execute(to, Input{Results: results}, Passage{})
	if ok && to.position >= 0 {
		r.carry(to.position+1, to.out.Media(), went)
	}
	to.out.Reset()
}

// carry executes the active steps from the given one on, each with what the one before put out. The first gets in, of which
// came says how much it is.
func (r *runner) carry(first int, in []media.Notification, came Passage) {
	steps := r.active[min(first, len(r.active)):]
	for _, i := range steps {
		went, ok := r.execute(i, Input{Media: in}, came)
		if !ok {
			break
		}
		in, came = i.out.Media(), went
	}
	releaseOutputs(steps)
}

// releaseOutputs ends a chain of executions: nothing that steps put out is needed any more.
func releaseOutputs(steps []*instance) {
	for _, i := range steps {
		i.out.Reset()
	}
}

// execute executes one instance, which must not be closed, and takes note of what it put out. came is how much media in has,
// and went how much was put out. ok is false if the step failed: then the workflow is in error, or the update that the step
// belongs to is given up.
func (r *runner) execute(i *instance, in Input, came Passage) (went Passage, ok bool) {
	i.came.add(came)
	status := i.execute(in)
	if status.State == Failed {
		r.broken(i, cmp.Or(status.Err, errNoReason))
		return Passage{}, false
	}
	went = r.noteOutput(i, i.out.media)
	if status.State != i.status.State {
		r.stale = true
		i.log.Info().Stringer("status", status).Msg("step changed its status")
	}
	i.status = status
	return went, true
}

// noteOutput takes note of what an instance, or nil for the outside, has put out, and returns how much it is.
func (r *runner) noteOutput(from *instance, batch []media.Notification) (went Passage) {
	if len(r.taps) > 0 {
		r.tellTaps(from, batch)
	}
	known := r.source(from)
	for k := range batch {
		n := &batch[k]
		went.note(n)
		if n.Event == media.Coded && !n.Packet.Required {
			continue // nearly all
		}
		known.note(n)
		r.noteOrigin(from, n)
	}
	if from != nil {
		from.went.add(went)
	}
	return went
}

// noteOrigin remembers where streams came from first; nil is outside.
func (r *runner) noteOrigin(from *instance, n *media.Notification) {
	switch n.Event {
	case media.NewStream:
		if _, known := r.origins[n.Stream]; !known {
			r.origins[n.Stream] = from
		}
	case media.Disconnected:
		if origin, known := r.origins[n.Stream]; known && origin == from {
			delete(r.origins, n.Stream)
		}
	}
}
