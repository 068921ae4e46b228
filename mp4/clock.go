package mp4

// clock maps the times of packets to times that never go back by much: a publisher that returns usually counts from zero
// again, and some set their clock anew in the course of a stream.
type clock struct {
	offset  int64
	newest  int64
	running bool // there has been a packet
	settled bool // since the stream began
}

const (
	// returnGap is put between the last packet before a jump back and the first behind it, in milliseconds.
	returnGap = 20

	// crossing is how far, in milliseconds, audio and video of a stream may be apart.
	crossing = 1000
)

// begin says that a stream begins, whose times have nothing to do with those of the one before.
func (c *clock) begin() { c.offset, c.settled = 0, false }

// settle returns the time of a packet, in milliseconds.
func (c *clock) settle(time int64) int64 {
	back := c.newest - (time + c.offset)
	if c.running && (back > crossing || back > 0 && !c.settled) || !c.running && time < 0 {
		c.offset += back + returnGap
	}
	c.running, c.settled = true, true
	time += c.offset
	c.newest = max(c.newest, time)
	return time
}
