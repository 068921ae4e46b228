package tcp

import (
	"math"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// BulkBytesMax bounds what a socket may keep back.
	BulkBytesMax = 256 << 10

	// bulkInterval is the least time between two rounds in which a loop reads all connections that are read in bulk.
	bulkInterval = 100 * time.Millisecond
)

// bulkReads are a loop's connections that are read in bulk. The first of them that has enough, or has waited long enough,
// makes the loop read them all, because waking a loop costs more than a few reads.
type bulkReads struct {
	conns  map[*Conn]struct{}
	last   time.Time     // when all were read
	within time.Duration // the shortest that one of them asked for; endless for none
	timer  *time.Timer   // for that
}

// endless is a time that never passes.
const endless = time.Duration(math.MaxInt64)

// ReadInBulk makes the peer's bytes come when n of them are there, or a time after others came, or when the loop reads
// another such connection, or at the next tick: a read costs about the same whatever it brings. The peer's end is heard
// of at once all the same. 1 is how a connection begins: bytes come when they are there.
func (c *Conn) ReadInBulk(n int, within time.Duration) {
	n = min(max(n, 1), BulkBytesMax)
	if c.gone || n == max(c.bulk, 1) && (n == 1 || within == c.within) { // said before each read of most publishers
		return
	}
	c.within = within
	if n != max(c.bulk, 1) {
		c.bulk = n
		_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, n) // if that fails, bytes come at once
	}
	bulk := &c.loop.bulk
	if n == 1 {
		delete(bulk.conns, c)
		return
	}
	if bulk.conns == nil {
		bulk.conns = make(map[*Conn]struct{})
	}
	bulk.conns[c] = struct{}{}
	if within < bulk.within {
		bulk.within = within
		bulk.timer.Reset(within)
	}
}

// readBulk reads what waits on all connections that are read in bulk, unless it has just done that.
func (l *Loop) readBulk(now time.Time) {
	if now.Sub(l.bulk.last) >= min(bulkInterval, l.bulk.within) {
		l.readAllBulk(now)
	}
}

func (l *Loop) readBulkNow() { l.readAllBulk(time.Now()) }

func (l *Loop) readAllBulk(now time.Time) {
	l.bulk.last = now
	l.bulk.within = endless
	for c := range l.bulk.conns {
		c.readWaiting()
		l.bulk.within = min(l.bulk.within, c.within)
	}
	if l.bulk.within < endless {
		l.bulk.timer.Reset(l.bulk.within)
	}
}
