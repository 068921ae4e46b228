package server

import (
	"sync/atomic"
	"time"

	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

// Channel is what the viewers of one stream key watch. It lives as long as somebody feeds or watches it.
type Channel struct {
	registration *Registration
	key          string
	log          *fanout.Log
	groups       []*fanout.Group                // by loop; each touched by its loop only
	uses         int                            // feeders and viewers; guarded by the registry's lock
	watched      bool                           // somebody came for it; guarded by the registry's lock
	stream       atomic.Pointer[media.StreamID] // that is shown; nil while there is none
	endedAt      atomic.Int64                   // when the last stream ended, as elapsed says it; 0 while one is live or before the first
}

// Feed returns the channel of a key, for the one goroutine that appends to it from now on. It must be given back with
// EndFeed. Only for registrations for viewers.
func (r *Registration) Feed(key string) *Channel {
	r.server.registry.mu.Lock()
	defer r.server.registry.mu.Unlock()
	return r.channelLocked(key)
}

// channelLocked returns the channel of a key with one more use.
func (r *Registration) channelLocked(key string) *Channel {
	ch := r.channels[key]
	if ch == nil {
		ch = &Channel{
			registration: r,
			key:          key,
			log:          fanout.New(r.request.fanout(r.server.config.Fanout), wire{}),
			groups:       make([]*fanout.Group, len(r.server.sockets.Loops())),
		}
		r.channels[key] = ch
		r.server.totals.Add(ch.label(), figures.Counts{}) // so that it has a place from now on
	}
	ch.uses++
	return ch
}

// release ends one use. The last one lets go of the log.
func (ch *Channel) release() {
	r := ch.registration
	r.server.registry.mu.Lock()
	ch.uses--
	last := ch.uses == 0
	if last {
		delete(r.channels, ch.key)
		r.server.totals.Add(ch.label(), watch.Sent(ch.log))
	}
	r.server.registry.mu.Unlock()
	if last {
		ch.log.Close()
	}
}

// Append adds a notification for the viewers. It is borrowed, and becomes visible with Publish. Feeder only.
func (ch *Channel) Append(n *media.Notification) {
	if n.Event == media.NewStream {
		ch.endedAt.Store(0)
		stream := n.Stream // n is borrowed
		ch.stream.Store(&stream)
	}
	ch.log.Append(n)
}

// Publish lets viewers see what was appended. Feeder only, once for a batch.
func (ch *Channel) Publish() { ch.log.Publish() }

// EndFeed ends what the feeder has begun: viewers stay and wait for another stream. Feeder only.
func (ch *Channel) EndFeed() {
	ch.log.Append(&media.Notification{Event: media.Disconnected})
	ch.log.Publish()
	ch.stream.Store(nil)
	ch.endedAt.Store(elapsed(time.Now()))
	ch.release()
}

// Finish says that nothing more is to come: every viewer, also one that comes later, is ended when it has got everything.
// EndFeed follows, when nobody is waited for any more. Feeder only.
func (ch *Channel) Finish() { ch.log.Finish() }

// Stats returns the channel's counters. Any goroutine.
func (ch *Channel) Stats() watch.Stats {
	s := watch.Stats{Stats: ch.log.Stats()}
	for _, l := range ch.registration.server.sockets.Loops() {
		s.BusyShare = max(s.BusyShare, l.BusyShare())
	}
	return s
}

// group returns the channel's group on a loop. Loop only.
func (ch *Channel) group(l *tcp.Loop) *fanout.Group {
	g := ch.groups[l.Index()]
	if g == nil {
		g = ch.log.NewGroup(ch.registration.server.fanouts[l.Index()])
		ch.groups[l.Index()] = g
	}
	return g
}
