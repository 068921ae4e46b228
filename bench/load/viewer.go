package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// checker is a viewer that looks at every byte.
type checker struct {
	stream *stream
	player *client.Player
	done   chan struct{}

	packets  atomic.Uint64 // that came in order and unchanged
	received atomic.Uint64 // bytes on the connection

	// valid when done is closed
	gaps     int             // times that the next packet was another one
	problems []string        // the first few
	lags     []time.Duration // from being sent to being here
	err      error
}

func newChecker(ctx context.Context, s *stream) (*checker, error) {
	player, err := client.Play(ctx, s.url, client.Config{})
	if err != nil {
		return nil, err
	}
	c := &checker{stream: s, player: player, done: make(chan struct{})}
	go c.read()
	return c, nil
}

func (c *checker) read() {
	defer close(c.done)
	next := uint64(0)
	for {
		m, err := c.player.Read()
		if err != nil {
			c.err = err
			return
		}
		if m.Type != message.TypeAudio && m.Type != message.TypeVideo {
			continue
		}
		k, config, err := readMark(m)
		switch {
		case config:
			continue
		case err == nil && k.stream != c.stream.number:
			err = fmt.Errorf("packet %d belongs to stream %d", k.number, k.stream)
		case err == nil && k.number != next:
			c.gaps++
			err = fmt.Errorf("packet %d came instead of %d", k.number, next)
		}
		next = k.number + 1
		c.received.Store(c.player.Received())
		if err != nil {
			c.problem(err)
			continue
		}
		c.lags = append(c.lags, time.Since(k.sent))
		c.packets.Add(1)
	}
}

// problem keeps what was wrong; thousands of the same help nobody.
func (c *checker) problem(err error) {
	const most = 3
	if len(c.problems) < most {
		c.problems = append(c.problems, err.Error())
	}
}

func (c *checker) close() {
	if c != nil {
		_ = c.player.Close()
		<-c.done
	}
}

// counter is a viewer that only counts bytes. The kernel throws them away.
type counter struct {
	stream   *stream
	player   *client.Player
	raw      syscall.RawConn
	received atomic.Uint64 // bytes on the connection
	closed   bool          // by the server
}

func newCounter(ctx context.Context, s *stream) (*counter, error) {
	player, err := client.Play(ctx, s.url, client.Config{})
	if err != nil {
		return nil, err
	}
	c := &counter{stream: s, player: player}
	c.received.Store(player.Received())
	tcp, ok := player.Raw().(*net.TCPConn)
	if !ok {
		return nil, errors.New("not a TCP connection")
	}
	c.raw, err = tcp.SyscallConn()
	return c, err
}

func (c *counter) close() {
	if c != nil {
		_ = c.player.Close()
	}
}

// sweepEvery is how often counters take what is there. It makes a thousand of them cheaper than one wake-up each per
// packet, and the socket buffers hold far more than comes in that time.
const sweepEvery = 20 * time.Millisecond

// discard is where nothing is written to: it only says how much may be thrown away at a time.
var discard = make([]byte, 1<<20)

// take throws away what has come.
func (c *counter) take() {
	if c.closed {
		return
	}
	err := c.raw.Control(func(fd uintptr) {
		for {
			n, _, err := unix.Recvfrom(int(fd), discard, unix.MSG_TRUNC|unix.MSG_DONTWAIT)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if n > 0 {
				c.received.Add(uint64(n))
			}
			if err != nil || n < len(discard) {
				c.closed = n == 0 && err == nil || err != nil && !errors.Is(err, unix.EAGAIN)
				return
			}
		}
	})
	c.closed = c.closed || err != nil
}

// sweep visits all counters over and over.
type sweep struct {
	end  chan struct{}
	once sync.Once
	done chan struct{}
}

func startSweep(streams []*stream) *sweep {
	s := &sweep{end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			for _, stream := range streams {
				for _, c := range stream.counters {
					c.take()
				}
			}
			select {
			case <-tick.C:
			case <-s.end:
				return
			}
		}
	}()
	return s
}

func (s *sweep) stop() {
	s.once.Do(func() { close(s.end) })
	<-s.done
}
