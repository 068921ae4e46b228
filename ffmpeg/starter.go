package ffmpeg

import (
	"fmt"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
)

// starter starts every ffmpeg of an endpoint from one operating system thread.
//
// The parent-death signal, by which children die with the server, is bound to the thread that forked the child and not to
// the process (https://go.dev/issue/27505): a child that was forked on any thread of the Go runtime would be killed as
// soon as that thread ends, which happens when a goroutine that is locked to it returns. So there is one goroutine that
// is locked to a thread for as long as there are children, and nobody else's code ever runs on it. It costs one thread
// in all, and starts wait for each other, which takes a millisecond.
type starter struct {
	once     sync.Once
	requests chan startRequest
	quit     chan struct{}
}

type startRequest struct {
	cmd    *exec.Cmd
	result chan<- error
}

func newStarter() *starter {
	return &starter{requests: make(chan startRequest), quit: make(chan struct{})}
}

// start is cmd.Start on the thread.
func (s *starter) start(cmd *exec.Cmd) error {
	s.once.Do(func() { go s.loop() })
	result := make(chan error, 1)
	select {
	case s.requests <- startRequest{cmd, result}:
		return <-result
	case <-s.quit:
		return ErrClosed
	}
}

func (s *starter) loop() {
	runtime.LockOSThread() // and never unlocked: the thread must not be anybody else's
	for {
		select {
		case r := <-s.requests:
			r.result <- r.start()
		case <-s.quit:
			return
		}
	}
}

// start does not panic: the thread would end, and every ffmpeg with it.
func (r startRequest) start() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return r.cmd.Start()
}

// close ends the thread, and with it every child that is left. It is called once.
func (s *starter) close() { close(s.quit) }
