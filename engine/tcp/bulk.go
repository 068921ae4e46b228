package tcp

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// bulkBytesMax bounds what a socket may keep back.
	bulkBytesMax = 64 << 10

	// bulkInterval is the least time between two rounds in which a loop reads all connections that are read in bulk.
	bulkInterval = 100 * time.Millisecond
)

// bulkBuffers are for reads that the loop's own buffer is not there for.
var bulkBuffers = sync.Pool{New: func() any { return new([bulkBytesMax]byte) }}

// bulkReads are a loop's connections that are read in bulk. The first of them that has enough makes the loop read them
// all, because waking a loop costs more than a few reads.
type bulkReads struct {
	conns map[*Conn]struct{}
	last  time.Time // when all were read
}

// ReadInBulk makes the peer's bytes come when n of them are there, or when the loop reads another such connection, or at
// the next tick: a read costs about the same whatever it brings. The peer's end is heard of at once all the same. 1 is
// how a connection begins: bytes come when they are there.
func (c *Conn) ReadInBulk(n int) {
	n = min(max(n, 1), bulkBytesMax)
	if c.gone || n == max(c.bulk, 1) {
		return
	}
	c.bulk = n
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, n) // if that fails, bytes come at once
	if n == 1 {
		delete(c.loop.bulk.conns, c)
		return
	}
	if c.loop.bulk.conns == nil {
		c.loop.bulk.conns = make(map[*Conn]struct{})
	}
	c.loop.bulk.conns[c] = struct{}{}
}

// readBulk reads what waits on all connections that are read in bulk, unless it has just done that.
func (l *Loop) readBulk(now time.Time) {
	if now.Sub(l.bulk.last) < bulkInterval {
		return
	}
	l.bulk.last = now
	for c := range l.bulk.conns {
		c.readWaiting()
	}
}

// readWaiting reads bytes that are too few for the loop to be told of. What ends the connection is left to the loop,
// which hears of it.
func (c *Conn) readWaiting() {
	buffer := bulkBuffers.Get().(*[bulkBytesMax]byte)
	defer bulkBuffers.Put(buffer)
	if n, err := unix.Read(c.fd, buffer[:]); err == nil && n > 0 {
		c.received(buffer[:n])
	}
}
