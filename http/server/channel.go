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

// Channel is what the viewers of one stream key watch. It lives as long as somebody feeds or watches it. Of the stream it
// keeps the newest group of pictures; each format that somebody asks for gets a log of its own, which begins with that. The
// feeder makes it do so, so whoever is the first to ask waits for the next packet.
type Channel struct {
	registration *Registration
	key          string
	uses         int // feeders and viewers; guarded by the registry's lock

	outputs [formats]atomic.Pointer[output] // made under the registry's lock, once

	// feeder only
	recent recent

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

// outputLocked returns the output for a format.
func (ch *Channel) outputLocked(f format) *output {
	o := ch.outputs[f].Load()
	if o == nil {
		o = newOutput(f, ch.fanoutConfig(), len(ch.registration.server.sockets.Loops()))
		ch.outputs[f].Store(o)
	}
	return o
}

// release ends one use. The last one lets go of the logs.
func (ch *Channel) release() {
	r := ch.registration
	r.server.registry.mu.Lock()
	ch.uses--
	last := ch.uses == 0
	if last {
		r.server.totals.Add(ch.label(), ch.sent())
		delete(r.channels, ch.key)
	}
	r.server.registry.mu.Unlock()
	if !last {
		return
	}
	for i := range ch.outputs {
		if o := ch.outputs[i].Load(); o != nil {
			o.log.Close()
		}
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
		}
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

// Stats returns the channel's counters, those of all formats together. Any goroutine.
func (ch *Channel) Stats() watch.Stats {
	s := watch.Stats{}
	s.Packets, s.Bytes, s.Held = ch.packets.Load(), ch.bytes.Load(), int(ch.kept.Load())
	for i := range ch.outputs {
		o := ch.outputs[i].Load()
		if o == nil {
			continue
		}
		one := o.log.Stats()
		s.Viewers += one.Viewers
		s.Held += one.Held
		s.Skips += one.Skips
		s.Sent += one.Sent
		s.Behind = max(s.Behind, one.Behind)
		s.SkippedBytes += one.SkippedBytes
		s.FlushWait = max(s.FlushWait, one.FlushWait)
		s.Formats = addFormat(s.Formats, format(i).String(), one.Viewers)
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

// group returns an output's group on a loop. Loop only.
func (o *output) group(s *Server, l *tcp.Loop) *fanout.Group {
	g := o.groups[l.Index()]
	if g == nil {
		g = o.log.NewGroup(s.fanouts[l.Index()])
		o.groups[l.Index()] = g
	}
	return g
}
