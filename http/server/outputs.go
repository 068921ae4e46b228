package server

import (
	"time"

	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/watch"
)

// useLocked returns the output for a format, with one viewer more.
func (ch *Channel) useLocked(f format) *output {
	o := ch.outputs[f].Load()
	if o == nil {
		o = newOutput(f, ch)
		ch.outputs[f].Store(o)
	}
	o.viewers++
	o.idleSince.Store(nil)
	return o
}

// leaveLocked ends a viewer's use of an output.
func (o *output) leaveLocked() {
	if o.viewers--; o.viewers == 0 {
		now := time.Now()
		o.idleSince.Store(&now)
	}
}

// giveUpIdle lets go of an output that nobody has watched for long enough, unless somebody comes at this moment. Feeder
// only.
func (ch *Channel) giveUpIdle(o *output) {
	server := ch.registration.server
	if since := o.idleSince.Load(); since == nil || time.Since(*since) <= server.config.IdleTimeout {
		return
	}
	server.registry.mu.Lock()
	idle := o.viewers == 0
	if idle {
		ch.outputs[o.format].Store(nil)
		ch.past.Add(watch.Sent(o.log))
	}
	server.registry.mu.Unlock()
	if idle {
		o.close()
	}
}

// replace makes another output take the place of one whose viewers cannot go on with what follows. They get what there is
// and are ended; those who have not begun go along. Feeder only.
func (ch *Channel) replace(o *output) *output {
	next := newOutput(o.format, ch)
	next.caughtUp, next.muxer = true, o.muxer
	now := time.Now()
	next.idleSince.Store(&now)
	registry := &ch.registration.server.registry
	registry.mu.Lock()
	ch.outputs[o.format].Store(next)
	ch.earlier = append(ch.earlier, o)
	registry.mu.Unlock()
	ch.hasEarlier = true
	o.over.Store(true)
	o.log.Append(&media.Notification{Event: media.Disconnected, Waited: true})
	o.log.Finish()
	ch.giveUpEarlier(o)
	return next
}

// giveUpEarlier lets go of outputs that others have taken the place of, once nobody watches them, and of all that had the
// same place as the newest of them, so that a viewer that takes nothing cannot keep one after the other. Feeder only.
func (ch *Channel) giveUpEarlier(newest *output) {
	var gone []*output
	registry := &ch.registration.server.registry
	registry.mu.Lock()
	kept := ch.earlier[:0]
	for _, o := range ch.earlier {
		if o.viewers > 0 && (newest == nil || o == newest || o.format != newest.format) {
			kept = append(kept, o)
			continue
		}
		ch.past.Add(watch.Sent(o.log))
		gone = append(gone, o)
	}
	clear(ch.earlier[len(kept):])
	ch.earlier = kept
	registry.mu.Unlock()
	ch.hasEarlier = len(kept) > 0
	for _, o := range gone {
		o.close()
	}
}

// closeOutputs lets go of everything, when nobody feeds or watches the channel any more.
func (ch *Channel) closeOutputs() {
	for i := range ch.outputs {
		if o := ch.outputs[i].Load(); o != nil {
			o.close()
		}
	}
	for _, o := range ch.earlier {
		o.close()
	}
}

// Stats returns the channel's counters, those of all formats together. Any goroutine.
func (ch *Channel) Stats() watch.Stats {
	registry := &ch.registration.server.registry
	registry.mu.Lock()
	defer registry.mu.Unlock()
	s := watch.Stats{}
	s.Packets, s.Bytes, s.Held = ch.packets.Load(), ch.bytes.Load(), int(ch.kept.Load())
	s.Sent, s.Skips, s.SkippedBytes = ch.past.Sent, ch.past.Skips, ch.past.SkippedBytes
	for _, o := range ch.allLocked() {
		one := o.log.Stats()
		s.Viewers += one.Viewers
		s.Held += one.Held
		s.Skips += one.Skips
		s.Sent += one.Sent
		s.Behind = max(s.Behind, one.Behind)
		s.SkippedBytes += one.SkippedBytes
		s.FlushWait = max(s.FlushWait, one.FlushWait)
		s.Formats = addFormat(s.Formats, o.format.String(), one.Viewers)
	}
	for _, l := range ch.registration.server.sockets.Loops() {
		s.BusyShare = max(s.BusyShare, l.BusyShare())
	}
	return s
}

// addFormat adds viewers to those of a format, which follow each other.
func addFormat(list []watch.Format, name string, viewers int) []watch.Format {
	if last := len(list) - 1; last >= 0 && list[last].Format == name {
		list[last].Viewers += viewers
		return list
	}
	return append(list, watch.Format{Format: name, Viewers: viewers})
}

// allLocked returns the outputs that there are, in the order of their formats.
func (ch *Channel) allLocked() (all []*output) {
	for i := range ch.outputs {
		if o := ch.outputs[i].Load(); o != nil {
			all = append(all, o)
		}
		for _, o := range ch.earlier {
			if o.format == format(i) {
				all = append(all, o)
			}
		}
	}
	return all
}

// sentLocked is what the channel's viewers have got. It never goes back.
func (ch *Channel) sentLocked() figures.Counts {
	all := ch.past
	for _, o := range ch.allLocked() {
		all.Add(watch.Sent(o.log))
	}
	return all
}
