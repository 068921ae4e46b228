package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"

	"mmids/rtmp/client"
)

// link is a connection outside Go's poller: a plain non-blocking socket that costs nothing until it is looked at. It
// belongs to the loop.
type link struct {
	fd       int
	secure   *secure // nil without TLS
	received int64   // bytes on the connection; with RTMP, without its handshake
	unsent   []byte  // what the socket has not taken yet
}

// takeSocket moves a connection's socket out of Go's poller. c is closed, the connection is not.
func takeSocket(c *net.TCPConn) (fd int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var dupErr error
	err = raw.Control(func(old uintptr) { fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, dupErr); err != nil {
		return -1, fmt.Errorf("take a socket over: %w", err)
	}
	return fd, c.Close()
}

func (l *link) close() {
	if l.fd >= 0 {
		_ = unix.Close(l.fd)
		l.fd = -1
	}
}

// errAgain means that there is nothing now.
var errAgain error = unix.EAGAIN

// discard has the kernel throw away what has come, and returns how much that was. The end of the connection is io.EOF.
func (l *link) discard() (int, error) {
	const all = 1 << 30
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(l.fd), 0, all, unix.MSG_TRUNC|unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return l.count(int(n), errno)
		}
	}
}

// read reads into b, which is not empty.
func (l *link) read(b []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(l.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return l.count(int(n), errno)
		}
	}
}

func (l *link) count(n int, errno unix.Errno) (int, error) {
	switch {
	case errno == unix.EAGAIN:
		return 0, errAgain
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, io.EOF
	}
	l.received += int64(n)
	return n, nil
}

// send sends b, behind what is still unsent. What the socket does not take is kept, for flush.
func (l *link) send(b []byte) error {
	if l.secure != nil {
		sealed, err := l.secure.seal(b)
		if err != nil {
			return err
		}
		b = sealed
	}
	if len(l.unsent) > 0 {
		l.unsent = append(l.unsent, b...)
		return l.flush()
	}
	n, err := l.write(b)
	if n < len(b) {
		l.unsent = append(l.unsent, b[n:]...)
	}
	return err
}

// say sends what a conversation on this link has queued.
func (l *link) say(c *client.Conversation) error {
	s := c.Session()
	if len(s.Output()) == 0 {
		return nil
	}
	err := l.send(s.Output())
	s.ClearOutput()
	return err
}

// flush tries again to send what is unsent.
func (l *link) flush() error {
	n, err := l.write(l.unsent)
	l.unsent = l.unsent[:copy(l.unsent, l.unsent[n:])]
	return err
}

// write returns how much the socket has taken; that it takes no more now is no error.
func (l *link) write(b []byte) (int, error) {
	for len(b) > 0 {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(l.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, errno
		}
	}
	return 0, nil
}
