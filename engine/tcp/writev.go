package tcp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// spansMax bounds the spans of one write. 64 log segments of 64 KiB are more than a socket takes at once.
const spansMax = 64

// writev is one writev(2) with the loop's own vector: the one in x/sys allocates a vector for each call.
func (c *Conn) writev(spans [][]byte) (int, error) {
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
	defer clear(vectors) // keep no memory alive
	for {
		n, _, err := unix.Syscall(unix.SYS_WRITEV, uintptr(c.fd), uintptr(unsafe.Pointer(&vectors[0])), uintptr(len(vectors)))
		switch err {
		case 0:
			c.sent += uint64(n)
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, err
		}
	}
}
