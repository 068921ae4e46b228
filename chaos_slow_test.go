package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// slow is clients that take their time: viewers of the honest streams that read nothing, little by little, or stop and go
// on, and publishers that send byte after byte.
func slow(a *attack, r *rand.Rand) {
	c, err := a.dial(r)
	if err != nil {
		return
	}
	defer c.Close()
	a.faults.Add(1)
	if r.IntN(4) == 0 {
		a.dribble(r, c)
		return
	}
	shrink(c)
	a.say(r, c, playScript(r, "live", fmt.Sprintf("%s%d", honestKey, r.IntN(honestStreams))).bytes)
	switch r.IntN(3) {
	case 0: // nothing, until the server has had enough of it
		a.pause(time.Duration(500+r.IntN(5000)) * time.Millisecond)
	case 1: // slower than the stream
		a.takeSlowly(c, time.Now().Add(time.Duration(1+r.IntN(5))*time.Second), 2<<10)
	case 2: // asleep, then in a hurry
		if a.pause(time.Duration(500+r.IntN(2000)) * time.Millisecond) {
			a.takeSlowly(c, time.Now().Add(time.Second), 256<<10)
		}
	}
}

// shrink makes a connection's buffer as small as the kernel allows, so that what is not read waits in the server.
func shrink(c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 1) })
}

func (a *attack) takeSlowly(c net.Conn, until time.Time, portion int) {
	buffer := make([]byte, portion)
	_ = c.SetReadDeadline(until)
	for time.Now().Before(until) {
		if _, err := io.ReadFull(c, buffer); err != nil {
			return
		}
		if !a.pause(40 * time.Millisecond) {
			return
		}
	}
}

// dribble publishes byte after byte.
func (a *attack) dribble(r *rand.Rand, c net.Conn) {
	for _, b := range publishScript(r, "live", fmt.Sprintf("slow%d", r.IntN(50))).bytes[:4000+r.IntN(1000)] {
		if _, err := c.Write([]byte{b}); err != nil || a.ctx.Err() != nil {
			return
		}
		if r.IntN(64) == 0 {
			a.pause(time.Millisecond)
		}
	}
}
