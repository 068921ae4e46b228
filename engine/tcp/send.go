package tcp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls that media leaves by. They are the ones for sockets, which skip what write does for files, and are made
// without telling Go's scheduler: a call that cannot block has no need of it, and for a loop that makes 100,000 of them a
// second it shows.
const sendFlags = unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL

// spansMax bounds the spans of one send. 64 log segments of 64 KiB are more than a socket takes at once.
const spansMax = 64

// send writes to the socket itself as much as the peer takes.
func (c *Conn) send(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, _, err := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), sendFlags, 0, 0)
	return c.taken(n, err)
}

// sendAll is send for several spans, of which at most spansMax are looked at.
func (c *Conn) sendAll(spans [][]byte) (int, error) {
	vectors := c.loop.vectors[:0]
	for _, span := range spans[:min(len(spans), spansMax)] {
		if len(span) == 0 {
			continue
		}
		v := unix.Iovec{Base: unsafe.SliceData(span)}
		v.SetLen(len(span))
		vectors = append(vectors, v)
	}
	c.loop.vectors = vectors
	if len(vectors) == 0 {
		return 0, nil
	}
	header := &c.loop.header
	header.Iov = &vectors[0]
	header.SetIovlen(len(vectors))
	n, _, err := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(c.fd), uintptr(unsafe.Pointer(header)), sendFlags)
	header.Iov = nil
	clear(vectors) // keep no memory alive
	return c.taken(n, err)
}

// taken is what a send has come to.
func (c *Conn) taken(n uintptr, err unix.Errno) (int, error) {
	switch err {
	case 0:
		c.sent += uint64(n)
		c.loop.traffic.sent += uint64(n)
		return int(n), nil
	case unix.EAGAIN, unix.EINTR:
		return 0, nil
	}
	return 0, err
}
