package mp4

import "mmids/engine/media"

// clock maps the times of packets to times that never go back by much and have no gap that nobody would wait for: a
// publisher that returns usually counts from zero again, and some set their clock anew in the course of a stream.
type clock struct {
	offset  int64
	newest  int64                   // of all that was settled
	settled bool                    // since the stream began
	again   bool                    // there has been another stream
	latest  [media.Video + 1]moment // of each kind, since the source has set its clock
}

// moment is a time as the source counts it.
type moment struct {
	time  int64
	known bool
}

const (
	// returnGap is put between the last packet before a jump and the first behind it, in milliseconds.
	returnGap = 20

	// backMax is how far, in milliseconds, the times of a kind may go back.
	backMax = 1000

	// pauseMax is how long, in milliseconds, nothing may come of a stream by its own clock. A player would show the last
	// picture for as long, and stay behind by that for ever.
	pauseMax = 10_000
)

// begin says that a stream begins, whose times have nothing to do with those of the one before.
func (c *clock) begin() { *c = clock{newest: c.newest, again: c.again || c.settled} }

// settle returns the time of a packet, in milliseconds.
func (c *clock) settle(kind media.Kind, time int64) int64 {
	back := c.newest - (time + c.offset)
	if !c.settled && (back > 0 || c.again) || c.jumps(kind, time) {
		c.offset += back + returnGap
		c.latest = [media.Video + 1]moment{} // the other kind jumps as well
	}
	c.settled = true
	c.latest[kind] = moment{time, true}
	time += c.offset
	c.newest = max(c.newest, time)
	return time
}

// jumps reports whether the source has set its clock anew. A kind is compared with itself, since sound and pictures that
// belong together may come seconds apart.
func (c *clock) jumps(kind media.Kind, time int64) bool {
	before := c.latest[kind]
	switch {
	case !before.known:
		return false
	case before.time-time > backMax:
		return true
	}
	return time-before.time > pauseMax && time+c.offset-c.newest > pauseMax
}
