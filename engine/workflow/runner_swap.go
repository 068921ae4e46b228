package workflow

import (
	"slices"

	"mmids/engine/media"
)

// swapIfReady ends an update: when every pending step is active, the pending list replaces the active one.
func (r *runner) swapIfReady() {
	if !r.updating {
		return
	}
	for _, i := range r.pending {
		if i.status.State != Active {
			return
		}
	}
	r.updating = false // from here on the old steps go, so whatever fails takes the workflow with it
	old := slices.Clone(r.active)
	if !r.removeOld() || !r.introduce(old) {
		return // in error
	}
	r.active, r.pending, r.worked = r.pending, nil, r.definition
	r.turned()
	for k, i := range r.active {
		i.position = k
	}
	r.log.Info().Int("steps", len(r.active)).Msg("all pending steps are active")
}

// removeOld closes the active steps that are not in the new list, from last to first, and tells the steps behind each
// of them that its streams have ended. It reports false if a step failed.
func (r *runner) removeOld() bool {
	for k, i := range slices.Backward(r.active) {
		if slices.Contains(r.pending, i) {
			continue
		}
		r.close(i)
		if ended := r.forgetOrigin(i); len(ended) > 0 && !r.carryEnds(r.active[k+1:], ended) {
			return false
		}
	}
	return true
}

// forgetOrigin returns the streams that came from an instance, in the order of their ids.
func (r *runner) forgetOrigin(i *instance) []media.StreamID {
	var streams []media.StreamID
	for id, origin := range r.origins {
		if origin == i {
			streams = append(streams, id)
			r.endTaps(id)
			delete(r.origins, id)
		}
	}
	slices.Sort(streams)
	return streams
}

// carryEnds carries the ends of streams through the steps that still exist. A step which the one before does not tell,
// because it has gone or swallows such notices, is told directly.
func (r *runner) carryEnds(steps []*instance, ended []media.StreamID) bool {
	defer releaseOutputs(steps)
	var in []media.Notification
	var came Passage
	for _, i := range steps {
		if i.closed {
			continue
		}
		for _, id := range ended {
			if _, heard := i.heard[id]; heard && !ends(in, id) {
				in = append(in, media.Notification{Event: media.Disconnected, Stream: id})
			}
		}
		if len(in) == 0 {
			continue
		}
		went, ok := r.execute(i, Input{Media: in}, came)
		if !ok {
			return false
		}
		in, came = slices.Clone(i.out.Media()), went
	}
	return true
}

func ends(batch []media.Notification, id media.StreamID) bool {
	return slices.ContainsFunc(batch, func(n media.Notification) bool {
		return n.Event == media.Disconnected && n.Stream == id
	})
}

// introduce tells each step of the new list, in order, what it missed. It reports false if a step failed.
//
//   - A new step is primed with the cache of what stands before it now.
//   - So is an inherited one with something else before it than in the old list; but of streams that it knows it only
//     gets the sequence headers, which may be others now, and it is told of streams that do not reach it any more.
//   - Any other inherited step just gets what the step before put out when it was told something.
func (r *runner) introduce(old []*instance) bool {
	defer releaseOutputs(r.pending)
	var before *instance
	for _, i := range r.pending {
		var in []media.Notification
		switch {
		case i.position < 0:
			in = r.source(before).replay()
		case before != predecessor(old, i):
			in = r.source(before).replayTo(i.heard)
		case before != nil:
			in = before.out.Media()
		}
		if len(in) > 0 {
			if _, ok := r.execute(i, Input{Media: in}, passageOf(in)); !ok {
				return false
			}
		}
		before = i
	}
	return true
}

// source returns the cache of what comes out of an instance, or in from outside.
func (r *runner) source(i *instance) *cache {
	if i == nil {
		return &r.inbound
	}
	return &i.outputs
}

// predecessor returns the instance before i, or nil if i is the first.
func predecessor(list []*instance, i *instance) *instance {
	k := slices.Index(list, i)
	if k <= 0 {
		return nil
	}
	return list[k-1]
}
