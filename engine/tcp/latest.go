package tcp

import "time"

// latestMax is how many connections a loop tries before it asks gnet who has something to say: the publisher of one stream
// and a few clients who are just coming. A try in vain costs a quarter of a microsecond.
const latestMax = 4

// latest are the connections that spoke last, the newest first. They are likely to speak next.
type latest [latestMax]*Conn

// spoke puts a connection to the front.
func (l *latest) spoke(c *Conn) {
	for i := range l {
		c, l[i] = l[i], c
		if c == l[0] || c == nil {
			return
		}
	}
}

// forget takes a connection out.
func (l *latest) forget(c *Conn) {
	for i := range l {
		if l[i] == c {
			l[i] = nil
		}
	}
}

// readLatest reads the first of those that spoke last and has something to say, and reports whether one had.
func (l *Loop) readLatest(now time.Time) bool {
	for _, c := range l.latest {
		if c != nil && !c.gone && c.bulk <= 1 && c.readWaiting() {
			l.latest.spoke(c)
			l.gathering.read(now)
			return true
		}
	}
	return false
}
