package fanout

import (
	"time"

	"mmids/engine/media"
)

// Config bounds a log. Its zero value works.
type Config struct {
	// Lag is how far behind the newest packet a viewer may fall, in stream time, before it skips to the newest
	// key frame. Zero means 5 s. The current group of pictures is always kept, within LagBytes.
	Lag time.Duration

	// LagBytes is the same in bytes of memory. Zero means 16 MiB: 10 s of 13 Mbit/s. A log holds no more, unless its
	// newest message is larger.
	LagBytes int

	// Flush says when news leaves. FlushMax bounds FlushAdaptive: the time from a packet's arrival to the last viewer.
	// Zero means 100 ms.
	Flush    Flush
	FlushMax time.Duration

	// AudioDelay is, with FlushAdaptive, how long audio may wait for the next video message, to leave in one write with it. Zero
	// means 40 ms; negative means that audio leaves at once.
	AudioDelay time.Duration

	// KeepBeginning keeps what the bounds allow also while nobody watches, for viewers with FromOldest. Otherwise a log
	// without viewers keeps the current group of pictures.
	KeepBeginning bool
}

func (c Config) withDefaults() Config {
	if c.Lag <= 0 {
		c.Lag = 5 * time.Second
	}
	if c.LagBytes <= 0 {
		c.LagBytes = 16 << 20
	}
	if c.FlushMax <= 0 {
		c.FlushMax = 100 * time.Millisecond
	}
	// What waits to be sent must not count as lag.
	c.Lag = max(c.Lag, 2*c.Flush.every, 2*c.FlushMax)
	switch {
	case c.Flush.mode != adaptive, c.AudioDelay < 0:
		c.AudioDelay = 0
	case c.AudioDelay == 0:
		c.AudioDelay = 40 * time.Millisecond
	}
	return c
}

// Patience is how long news waits before it leaves, on whichever loop with viewers lets it wait least. It may wait as long
// to be read instead, if that is noted ([media.Notification.Waited]).
func (c Config) Patience(loops []*Loop) time.Duration {
	c = c.withDefaults()
	least := c.FlushMax + c.Flush.every
	for _, l := range loops {
		if l.viewers.Load() > 0 {
			least = min(least, c.Flush.wait(time.Duration(l.load.pass.Load()), c.FlushMax))
		}
	}
	return least
}

const (
	// segmentBytes is the size of a log segment. Larger messages get a segment of their own size. Small enough
	// that a thousand quiet streams cost little, large enough that a write rarely needs two.
	segmentBytes = 64 << 10

	// spansMax bounds the pieces of one write.
	spansMax = 64

	// writesMax bounds the writes for one viewer in a visit; 4 of spansMax full segments are the default LagBytes.
	writesMax = 4

	// rewriteBytes bounds what is copied at a time for a viewer that needs bytes of its own.
	rewriteBytes = 256 << 10

	// scratchKeepBytes is the capacity of a group's scratch memory that is worth keeping: more than rewriteBytes and
	// a usual message, less than the largest.
	scratchKeepBytes = 1 << 20

	// preludeBytesMax bounds what is kept of a stream for newcomers. Headers with all their parameter sets are about
	// 1 KB and a description a few KB, so this is plenty for several tracks; a publisher that makes up tracks or
	// sends huge headers must not fill the memory.
	preludeBytesMax = 256 << 10
)

// Format encodes messages. Each must be complete in itself: a viewer may begin at any of them. Methods are called
// from the stream's goroutine and from loops at the same time, so a format has no state that changes.
type Format interface {
	// Len is the exact length of what Append adds. A format that gets it wrong is a mistake that Append of the log
	// panics about.
	Len(kind media.Kind, time int64, tagLen int) int

	// Append encodes one FLV tag body; media.Other is a script tag. time is in milliseconds and may be beyond 32
	// bits.
	Append(dst []byte, kind media.Kind, time int64, tag []byte) []byte

	// Script returns a stream's description as a script tag body, or nil if there is nothing to say.
	Script(m *media.Metadata) []byte

	// AppendNotice tells viewers, in the course of the log, that their stream has begun (media.NewStream) or
	// ended (media.Disconnected). It may add nothing.
	AppendNotice(dst []byte, e media.Event, time int64) []byte

	// MessageLen is the length of the whole message that b begins with.
	MessageLen(b []byte) int

	// Time is the time of the message that b begins with, in milliseconds.
	Time(b []byte) int64
}
