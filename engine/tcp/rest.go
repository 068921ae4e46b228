package tcp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A goroutine that waits in epoll_wait by itself, as gnet's do, keeps a thread and a processor slot until Go's monitor
// thread takes the slot away, and coming back it must find another one. Each message then costs several switches between
// threads, and the monitor polls without a break. So a loop with nothing to do rests inside the callback of its control
// socket, where the runtime can wait for gnet's epoll instance like for any socket: whatever thread hears of news runs
// the loop, and the goroutines that the loop wakes, without a switch.
//
// What gnet would do next takes half a dozen system calls that Go's scheduler is told of, and the first of them after a
// rest wakes the monitor. So the loop does from there what it can: it serves kicks, and reads the connections that spoke
// last. Only when others have something to say, come or go, it goes back to gnet, having made its control socket readable, so
// that gnet never waits.

// What a kick has to do depends on where the loop is.
const (
	awake   = iota // it comes to its control socket by itself
	resting        // it waits in rest
	polling        // it waits in gnet, for its control socket among others
)

// bed is where a loop rests. Without a file there is none, and the loop always waits in gnet.
type bed struct {
	state atomic.Int32
	fd    uintptr  // gnet's epoll instance
	file  *os.File // the same
	raw   syscall.RawConn

	// loop only
	looks   int
	lookRaw func(uintptr) bool // look
	watched unix.PollFd
	noTime  unix.Timespec // stays zero
}

// make finds the epoll instance that watches a socket.
func (b *bed) make(watched int) error {
	fd, err := epollOf(watched)
	if err != nil {
		return err
	}
	if fd, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // or the runtime would not wait for it
		_ = unix.Close(fd)
		return os.NewSyscallError("fcntl", err)
	}
	b.fd, b.file = uintptr(fd), os.NewFile(uintptr(fd), "epoll")
	b.lookRaw, b.watched = b.look, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	b.raw, err = b.file.SyscallConn()
	return err
}

// ownProcess is what the kernel tells of this process. Where /proc is not mounted it is missing; tests take it away.
var ownProcess = "/proc/self"

// epollOf returns the epoll instance that watches a descriptor: proc_pid_fdinfo(5) tells.
func epollOf(watched int) (int, error) {
	entries, err := os.ReadDir(ownProcess + "/fd")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if link, err := os.Readlink(ownProcess + "/fd/" + e.Name()); err != nil || !strings.Contains(link, "[eventpoll]") {
			continue
		}
		info, err := os.ReadFile(ownProcess + "/fdinfo/" + e.Name())
		if err == nil && watches(info, watched) {
			return fd, nil
		}
	}
	return 0, fmt.Errorf("no epoll instance watches descriptor %d", watched)
}

func watches(info []byte, watched int) bool {
	for lines := bufio.NewScanner(bytes.NewReader(info)); lines.Scan(); {
		field := strings.Fields(lines.Text())
		if len(field) > 1 && field[0] == "tfd:" && field[1] == strconv.Itoa(watched) {
			return true
		}
	}
	return false
}

// look reports whether a socket is ready. It is poll without telling Go's scheduler, as it cannot block.
func (b *bed) look(uintptr) bool {
	b.looks++
	n, _, err := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&b.watched)), 1, uintptr(unsafe.Pointer(&b.noTime)), 0, 0, 0)
	return err == 0 && n > 0 || err != 0 && err != unix.EINTR
}

func (b *bed) close() {
	if b.file != nil {
		_ = b.file.Close()
	}
}

var wakeByte = []byte{1}

// rest waits for news and deals with it until there is some for gnet. The loop calls it last in the callback of its control
// socket.
func (l *Loop) rest() {
	if l.bed.file == nil || l.announced.Load() > 0 {
		// A new connection is announced by an event that may be in gnet's hands already, where nobody sees it.
		l.bed.state.Store(polling)
		if l.kicked.Load() {
			l.rise()
		}
		return
	}
	for heard := false; ; {
		ready, waited := l.sleep()
		begun := time.Now()
		if l.announced.Load() > 0 || l.gathering.pause > 0 || ready && heard && !waited { // others have a right to be heard, too
			break
		}
		if l.kicked.Load() {
			l.serve()
		}
		heard = ready && l.readLatest(begun)
		l.reap()
		l.busy.note(begun, time.Now())
		if ready && !heard {
			break
		}
	}
	l.rise()
}

// sleep waits until a socket is ready or somebody kicks, and reports whether a socket is, and whether it had to wait.
func (l *Loop) sleep() (ready, waited bool) {
	b := &l.bed
	b.state.Store(resting)
	defer b.state.Store(awake)
	if l.kicked.Load() {
		runtime.Gosched() // to those that the loop has just given work
		return b.look(b.fd), false
	}
	b.looks = 0
	if err := b.raw.Read(b.lookRaw); errors.Is(err, os.ErrDeadlineExceeded) {
		_ = b.file.SetReadDeadline(time.Time{})
		return false, true
	}
	if waited = b.looks > 1; !waited {
		runtime.Gosched()
	}
	return true, waited
}

// rise makes gnet call the loop back after the sockets that are ready now.
func (l *Loop) rise() {
	l.bed.state.Store(awake)
	_, _ = unix.Write(l.wakeFD, wakeByte)
}

// arrived is called when gnet has shown the loop a connection that was announced.
func (l *Loop) arrived() {
	if l.announced.Add(-1) == 0 && l.bed.state.Load() == polling {
		l.rise()
	}
}

// past is a moment that is over.
var past = time.Now()

// kick makes the loop serve what it has been given. It costs nothing while an earlier kick has not been served.
func (l *Loop) kick() {
	if !l.kicked.CompareAndSwap(false, true) {
		return
	}
	switch l.bed.state.Load() {
	case resting:
		_ = l.bed.file.SetReadDeadline(past)
	case polling:
		l.mu.Lock()
		if !l.ended {
			_, _ = unix.Write(l.wakeFD, wakeByte) // full means that it will wake up anyway
		}
		l.mu.Unlock()
	}
}
