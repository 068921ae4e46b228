package tcp

import (
	"io"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

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

// readLatest reads the connections that spoke last, and reports whether there was anything to be heard of one of them.
func (l *Loop) readLatest(now time.Time) (heard bool) {
	for _, c := range l.latest {
		if c == nil || c.gone || c.bulk > 1 || !c.readWaiting() {
			continue
		}
		heard = true
		l.latest.spoke(c)
		l.gathering.read(now)
	}
	return heard
}

// read reads from the socket itself what is there, as send writes to it. An error means that nothing more will be; it reads
// as gnet says it.
func (c *Conn) read(p []byte) (int, error) {
	n, _, err := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	switch {
	case err == unix.EAGAIN, err == unix.EINTR:
		return 0, nil
	case err != 0:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, os.NewSyscallError("read", io.EOF)
	}
	return int(n), nil
}
