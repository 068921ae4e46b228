package server

// clock unwraps the 32-bit timestamps of RTMP messages, which start over after 49.7 days (RTMP 1.0 §3). Its zero value
// is ready.
type clock struct {
	last    int64
	started bool
}

// unwrap returns the timestamp in milliseconds without wraps: the one nearest to the timestamp before. Audio and video
// of one connection share a clock, as they may be a little apart but not 24 days.
func (c *clock) unwrap(timestamp uint32) int64 {
	if !c.started {
		c.started = true
		c.last = int64(timestamp)
		return c.last
	}
	c.last += int64(int32(timestamp - uint32(c.last)))
	return c.last
}
