package fanout

import "time"

// FlushWait is how long news waits at present on the loop before it leaves, for logs with a configuration. Any goroutine.
func (l *Loop) FlushWait(c Config) time.Duration {
	c = c.withDefaults()
	return c.Flush.wait(time.Duration(l.load.pass.Load()), c.FlushMax)
}
