package main

import (
	"container/heap"
	"errors"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// loop does everything that has to be in time, on one thread: it sends the messages that are due, reads the verifying
// viewers as soon as something comes, and visits the others in the time between. All clients belong to it.
type loop struct {
	options *options
	epoll   int
	calls   chan func()
	end     chan struct{}
	done    chan struct{}
	err     error // why it ended by itself; valid when done is closed

	queue      queue
	publishers []*publisher
	verifiers  []*verifier
	viewers    []*viewer // those that do not verify
	streams    []*published

	place   int     // of the viewer that is visited next
	owed    float64 // visits
	visited time.Time
	buffer  []byte
	events  []unix.EpollEvent

	measuring
}

// visitsAtOnce bounds how long a message that is due waits for visits; one takes some µs.
const visitsAtOnce = 16

// pause is the longest time that the loop sleeps; it makes a crowd of visits of those that are owed.
const pause = time.Millisecond

func newLoop(o *options) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	l := &loop{
		options: o, epoll: epoll, calls: make(chan func(), 64), end: make(chan struct{}), done: make(chan struct{}),
		buffer: make([]byte, 256<<10), events: make([]unix.EpollEvent, 256), visited: time.Now(),
	}
	for i := range o.streams() {
		l.streams = append(l.streams, &published{number: uint32(i)})
	}
	l.readings, l.onMeasure = make(chan reading, 16), func(bool) {}
	go l.run()
	return l, nil
}

// call has f run on the loop. It reports whether the loop still runs.
func (l *loop) call(f func()) bool {
	select {
	case l.calls <- f:
		return true
	case <-l.done:
		return false
	}
}

// stop ends the loop and closes all connections.
func (l *loop) stop() {
	close(l.end)
	<-l.done
}

func (l *loop) run() {
	runtime.LockOSThread() // without unlocking: the thread ends with its priority
	defer close(l.done)
	defer l.closeAll()
	// Timers are exact to a µs instead of 50; both calls are worth trying only.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1000, 0, 0, 0)
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10)
	for {
		select {
		case <-l.end:
			return
		case f := <-l.calls:
			f()
		default:
		}
		now := time.Now()
		l.keepSchedule(now)
		l.publish(now)
		more := l.visit(now)
		wait := time.Duration(0)
		if !more {
			wait = pause
			if len(l.queue) > 0 {
				wait = max(min(wait, time.Until(l.queue[0].due)), 0)
			}
		}
		if l.err = l.poll(wait); l.err != nil {
			return
		}
	}
}

func (l *loop) closeAll() {
	for _, p := range l.publishers {
		p.close()
	}
	for _, v := range l.verifiers {
		v.close()
	}
	for _, v := range l.viewers {
		v.close()
	}
	_ = unix.Close(l.epoll)
}

// publish sends what is due.
func (l *loop) publish(now time.Time) {
	for len(l.queue) > 0 && !l.queue[0].due.After(now) {
		p := l.queue[0]
		size, late := p.publish(now)
		if p.problem != nil {
			heap.Pop(&l.queue)
			continue
		}
		heap.Fix(&l.queue, 0)
		if size > 0 {
			l.sentMessage(size, late)
		}
	}
	if s := l.streams[0]; s.copy != nil {
		s.bytes += s.copy.due(now)
	}
}

// visit visits some of the viewers whose turn it is and reports whether there are more.
func (l *loop) visit(now time.Time) bool {
	all := len(l.viewers)
	if all == 0 {
		return false
	}
	l.owed += float64(all) * float64(now.Sub(l.visited)) / float64(l.options.sweep)
	l.owed = min(l.owed, float64(all)) // nobody is visited twice to make up for being late
	l.visited = now
	for range min(int(l.owed), visitsAtOnce) {
		if l.place >= all {
			l.place = 0
		}
		if v := l.viewers[l.place]; v.problem == nil {
			l.received(v.visit())
		}
		l.place++
		l.owed--
	}
	return l.owed >= 1
}

// Who an event is about: the place in its list, and which list.
const (
	ofVerifier  = 0
	ofPublisher = 1
	lists       = 2
)

func (l *loop) watch(fd, place, list int) error {
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(place*lists + list)})
}

func (l *loop) ignore(fd int) { _ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// poll waits for events and handles them. Unlike epoll_wait, epoll_pwait2 can wait for less than a ms (Linux 5.11). As
// that is never long, the Go scheduler need not hear of it, which would cost more than the call.
func (l *loop) poll(wait time.Duration) error {
	timeout := unix.NsecToTimespec(int64(wait))
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])),
		uintptr(len(l.events)), uintptr(unsafe.Pointer(&timeout)), 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return errors.Join(errors.New("epoll_pwait2"), errno)
	}
	if errno != 0 {
		return nil
	}
	for _, e := range l.events[:n] {
		if place := int(e.Fd) / lists; int(e.Fd)%lists == ofPublisher {
			l.hear(l.publishers[place])
		} else {
			l.verify(l.verifiers[place])
		}
	}
	return nil
}

func (l *loop) hear(p *publisher) {
	n, err := p.read(l.buffer)
	if err == nil {
		err = p.hear(l.buffer[:n])
	}
	if err != nil && err != errAgain {
		p.problem = err
		l.ignore(p.fd)
	}
}

func (l *loop) verify(v *verifier) {
	n, err := v.read(l.buffer)
	if err == nil {
		l.received(n)
		err = v.take(l.buffer[:n], time.Now(), l.latency)
	}
	if err != nil && err != errAgain {
		v.problem = err
		l.ignore(v.fd)
	}
}

// Clients join. The functions are called on the loop.

func (l *loop) addViewer(v *viewer) { l.viewers = append(l.viewers, v) }

func (l *loop) addVerifier(v *verifier) {
	l.verifiers = append(l.verifiers, v)
	v.problem = firstError(
		v.take(nil, time.Now(), l.latency), // what came with the answer to play
		l.watch(v.fd, len(l.verifiers)-1, ofVerifier),
	)
}

// addPublishers starts all streams at once, each at another place of the time from key frame to key frame, as the streams
// of strangers are.
func (l *loop) addPublishers(all []*publisher) {
	now := time.Now()
	for i, p := range all {
		p.start(now.Add(l.options.shape.Period()*time.Duration(i)/time.Duration(len(all))), l.options.shape)
		if p.problem == nil {
			p.problem = l.watch(p.fd, i, ofPublisher)
		}
		if p.problem == nil {
			heap.Push(&l.queue, p)
		}
	}
	l.publishers = all
}
