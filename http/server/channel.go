package server

import (
	"sync/atomic"
	"time"

	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/media"
)

// Channel is what the viewers of one stream key watch. It lives as long as somebody feeds or watches it. Of the stream it
// keeps the newest group of pictures; each format that somebody asks for gets a log of its own, which begins with that, and
// goes when nobody has watched it for a while. The feeder makes it do so, so whoever is the first to ask waits for the next
// packet.
type Channel struct {
	registration *Registration
	key          string
	uses         int // feeders and viewers; guarded by the registry's lock

	outputs [formats]atomic.Pointer[output] // that are fed; changed under the registry's lock
	earlier []*output                       // whose place others have taken, while somebody watches them; guarded by that lock
	past    figures.Counts                  // of outputs that are gone; guarded by that lock

	// feeder only
	recent     recent
	hasEarlier bool

	live    atomic.Bool
	stream  atomic.Pointer[media.StreamID] // that is shown; nil while there is none
	endedAt atomic.Pointer[time.Time]      // when the last stream ended; nil before that
	packets atomic.Uint64                  // fed
	bytes   atomic.Uint64                  // of these, as FLV tags
	kept    atomic.Int64                   // bytes of recent
}

// Feed returns the channel of a key, for the one goroutine that appends to it from now on. It must be given back with
// EndFeed.
func (r *Registration) Feed(key string) *Channel {
	r.server.registry.mu.Lock()
	defer r.server.registry.mu.Unlock()
	return r.channelLocked(key)
}

// channelLocked returns the channel of a key with one more use.
func (r *Registration) channelLocked(key string) *Channel {
	ch := r.channels[key]
	if ch == nil {
		ch = &Channel{registration: r, key: key}
		ch.recent.bytesMax = ch.fanoutConfig().LagBytes
		r.channels[key] = ch
		r.server.totals.Add(ch.label(), figures.Counts{}) // the label has its place from now on
	}
	ch.uses++
	return ch
}

func (ch *Channel) fanoutConfig() fanout.Config {
	return ch.registration.request.fanout(ch.registration.server.config.Fanout)
}

// release ends one use. The last one lets go of the logs.
func (ch *Channel) release() {
	r := ch.registration
	r.server.registry.mu.Lock()
	ch.uses--
	last := ch.uses == 0
	if last {
		r.server.totals.Add(ch.label(), ch.sentLocked())
		delete(r.channels, ch.key)
	}
	r.server.registry.mu.Unlock()
	if last {
		ch.closeOutputs()
	}
}

// Append adds a notification for the viewers. It is borrowed, and becomes visible with Publish. Feeder only.
func (ch *Channel) Append(n *media.Notification) {
	for i := range ch.outputs {
		if o := ch.outputs[i].Load(); o != nil {
			o.catchUp(&ch.recent)
			o.append(n)
		}
	}
	switch n.Event {
	case media.NewStream:
		ch.live.Store(true)
		stream := n.Stream // n is borrowed
		ch.stream.Store(&stream)
	case media.Coded:
		ch.packets.Add(1)
		ch.bytes.Add(uint64(len(n.Packet.Tag())))
	}
	ch.recent.note(n)
}

// Publish lets viewers see what was appended. Feeder only, once for a batch.
func (ch *Channel) Publish() {
	for i := range ch.outputs {
		if o := ch.outputs[i].Load(); o != nil {
			o.catchUp(&ch.recent)
			o.log.Publish()
			ch.giveUpIdle(o)
		}
	}
	if ch.hasEarlier {
		ch.giveUpEarlier(nil)
	}
	ch.kept.Store(int64(ch.recent.bytes))
}

// EndFeed ends what the feeder has begun: viewers stay and wait for another stream. Feeder only.
func (ch *Channel) EndFeed() {
	ch.Append(&media.Notification{Event: media.Disconnected})
	ch.Publish()
	now := time.Now()
	ch.endedAt.Store(&now)
	ch.live.Store(false)
	ch.stream.Store(nil)
	ch.release()
}

// absentFor returns for how long there has been no stream, given since when somebody has waited for one.
func (ch *Channel) absentFor(now, since time.Time) time.Duration {
	if ch.live.Load() {
		return 0
	}
	if ended := ch.endedAt.Load(); ended != nil {
		return min(now.Sub(since), now.Sub(*ended))
	}
	return now.Sub(since)
}
