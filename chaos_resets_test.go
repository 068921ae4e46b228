package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"time"
)

// endings are how a connection can end, or not, without a word.
var endings = []func(a *attack, c *net.TCPConn){
	func(_ *attack, c *net.TCPConn) { _ = c.Close() },
	func(_ *attack, c *net.TCPConn) { // a reset
		_ = c.SetLinger(0)
		_ = c.Close()
	},
	func(a *attack, c *net.TCPConn) { // half closed, and the other half is listened to
		_ = c.CloseWrite()
		a.linger(c)
	},
	func(a *attack, c *net.TCPConn) { a.linger(c) }, // silence, as after a power cut
}

// resets ends conversations in each of their states, in each way that there is.
func resets(a *attack, r *rand.Rand) {
	s := publishScript(r, "live", fmt.Sprintf("reset%d", r.IntN(50)))
	if r.IntN(2) == 0 {
		s = playScript(r, "live", a.watched(r))
	}
	c, err := a.dial(r)
	if err != nil {
		return
	}
	a.faults.Add(1)
	a.say(r, c, s.bytes[:s.states[r.IntN(len(s.states))]])
	if r.IntN(2) == 0 { // let the server get there before the end comes
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, _ = c.Read(make([]byte, 64<<10))
		_ = c.SetReadDeadline(time.Time{})
	}
	endings[r.IntN(len(endings))](a, c)
}
