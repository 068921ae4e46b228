package main

import (
	"fmt"
	"net"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// server has one thread and no state but the viewers' places in the log.
type server struct {
	address string
	listen  int // socket
	epoll   int
	viewers []*viewer
	log     []byte
	base    int64 // place of the log's first byte
	events  [64]unix.EpollEvent
}

// viewer is a socket and a place in the log.
type viewer struct {
	fd   int
	at   int64
	gone bool
}

// logMax is how much of the past is kept for viewers that do not keep up, in bytes; who is further behind is closed.
const logMax = 16 << 20

func newServer(address string) (*server, error) {
	a, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, err
	}
	s := &server{}
	if s.listen, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	local := &unix.SockaddrInet4{Port: a.Port}
	copy(local.Addr[:], a.IP.To4())
	for _, f := range []func() error{
		func() error { return unix.SetsockoptInt(s.listen, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) },
		func() error { return unix.Bind(s.listen, local) },
		func() error { return unix.Listen(s.listen, 4096) },
		func() (err error) { s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); return err },
		func() error { return s.watch(s.listen) },
	} {
		if err := f(); err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
	}
	bound, err := unix.Getsockname(s.listen)
	if err != nil {
		return nil, err
	}
	a.Port = bound.(*unix.SockaddrInet4).Port
	s.address = a.String()
	return s, nil
}

func (s *server) watch(fd int) error {
	return unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(fd)})
}

// run serves until something fails.
func (s *server) run(source *source) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		if err := s.poll(time.Until(source.due())); err != nil {
			return err
		}
		if time.Now().Before(source.due()) {
			continue
		}
		s.trim()
		s.log = source.append(s.log)
		for _, v := range s.viewers {
			s.send(v)
		}
	}
}

// trim forgets the older half of the log when it is full.
func (s *server) trim() {
	if len(s.log) < logMax {
		return
	}
	half := len(s.log) / 2
	s.log = s.log[:copy(s.log, s.log[half:])]
	s.base += int64(half)
}

// poll waits until the time is over or something has come, and lets viewers in and out.
func (s *server) poll(wait time.Duration) error {
	timeout := unix.NsecToTimespec(int64(max(wait, 0)))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(s.epoll), uintptr(unsafe.Pointer(&s.events[0])),
		uintptr(len(s.events)), uintptr(unsafe.Pointer(&timeout)), 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return fmt.Errorf("epoll_pwait2: %w", errno)
	}
	if errno != 0 {
		return nil
	}
	for _, e := range s.events[:n] {
		if int(e.Fd) == s.listen {
			s.accept()
		} else {
			s.leave(int(e.Fd)) // viewers have nothing to say
		}
	}
	return nil
}

func (s *server) accept() {
	for {
		fd, _, err := unix.Accept4(s.listen, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return // there is none, or there will be another event
		}
		v := &viewer{fd: fd, at: s.base + int64(len(s.log))}
		if unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) != nil || s.watch(fd) != nil {
			_ = unix.Close(fd)
			continue
		}
		s.write(v, prelude()) // an empty socket takes so little
		s.viewers = append(s.viewers, v)
	}
}

func (s *server) leave(fd int) {
	for i, v := range s.viewers {
		if v.fd == fd {
			s.viewers = append(s.viewers[:i], s.viewers[i+1:]...)
			break
		}
	}
	_ = unix.Close(fd)
}

// send sends everything up to the log's end with one call, as far as the socket takes it.
func (s *server) send(v *viewer) {
	if v.gone {
		return
	}
	if v.at < s.base {
		v.gone = true
		_ = unix.Shutdown(v.fd, unix.SHUT_RDWR) // which is an event
		return
	}
	v.at += int64(s.write(v, s.log[v.at-s.base:]))
}

func (s *server) write(v *viewer, b []byte) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(v.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0 // full, or gone, which is an event
	}
	return int(n)
}
