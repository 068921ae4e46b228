package workflow

import (
	"cmp"
	"maps"
	"slices"

	"mmids/engine/media"
)

// cache remembers, for each live stream of one source, what a step must be told before it can do anything with the
// stream's next packet: the stream notice and the essentials. It holds a count on each payload.
type cache struct {
	streams map[media.StreamID]*cachedStream
	starts  uint64
}

type cachedStream struct {
	start      uint64 // place in the order of streams
	notice     media.Notification
	essentials media.Essentials
}

// note updates the cache with what the source put out. A sequence header of a stream that has not been announced is not
// kept, because nobody would ever say that it has ended.
func (c *cache) note(n *media.Notification) {
	switch {
	case n.Event == media.NewStream:
		c.begin(n)
	case n.Event == media.Disconnected:
		c.end(n.Stream)
	case n.Event == media.MetadataChanged, n.Required():
		if s := c.streams[n.Stream]; s != nil {
			s.essentials.Note(n)
		}
	}
}

func (c *cache) begin(n *media.Notification) {
	if c.streams == nil {
		c.streams = make(map[media.StreamID]*cachedStream)
	}
	start := c.starts
	if s := c.streams[n.Stream]; s != nil {
		start = s.start
		c.end(n.Stream)
	} else {
		c.starts++
	}
	c.streams[n.Stream] = &cachedStream{start: start, notice: *n}
}

func (c *cache) end(id media.StreamID) {
	if s := c.streams[id]; s != nil {
		s.essentials.Release()
		delete(c.streams, id)
	}
}

func (c *cache) clear() {
	for id := range c.streams {
		c.end(id)
	}
}

// has reports whether the stream is live.
func (c *cache) has(id media.StreamID) bool { return c.streams[id] != nil }

// replay returns everything, stream by stream in the order of their starts. The notifications are borrowed.
func (c *cache) replay() []media.Notification {
	var all []media.Notification
	for _, s := range c.ordered() {
		all = s.essentials.AppendTo(append(all, s.notice))
	}
	return all
}

// replayTo returns what a step must be told that knows the given streams from another source and gets this one now:
// the end of those that are not live here, the notice of those that it does not know, and all metadata and sequence headers.
func (c *cache) replayTo(known map[media.StreamID]struct{}) []media.Notification {
	var all []media.Notification
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if !c.has(id) {
			all = append(all, media.Notification{Event: media.Disconnected, Stream: id})
		}
	}
	for _, s := range c.ordered() {
		if _, ok := known[s.notice.Stream]; !ok {
			all = append(all, s.notice)
		}
		all = s.essentials.AppendTo(all)
	}
	return all
}

func (c *cache) ordered() []*cachedStream {
	return slices.SortedFunc(maps.Values(c.streams), func(a, b *cachedStream) int {
		return cmp.Compare(a.start, b.start)
	})
}
