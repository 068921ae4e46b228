package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"mmids/rtmp/client"
)

// hoard takes connections and keeps them, so that the server runs out of descriptors.
func hoard(a *attack, r *rand.Rand) {
	c, err := a.dial(r)
	if err != nil {
		return
	}
	s := playScript(r, "live", fmt.Sprintf("%s%d", honestKey, r.IntN(honestStreams)))
	a.say(r, c, s.bytes[:s.states[r.IntN(len(s.states))]])
	a.linger(c)
}

// lowLimit takes descriptors from the server, as much as it has connections, and gives them back, again and again. Whenever
// it has them back, a client must be served again.
func lowLimit(a *attack, r *rand.Rand) {
	ranOut := false
	defer func() {
		if !ranOut {
			a.wrong("descriptors have never run out")
		}
	}()
	pid := a.server.cmd.Process.Pid
	var whole unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &whole); err != nil {
		a.wrong("prlimit: %v", err)
		return
	}
	for goesOn := true; goesOn; {
		held, err := a.server.held(false)
		if err != nil {
			a.wrong("the server's door: %v", err)
			return
		}
		a.faults.Add(1)
		low := whole
		low.Cur = uint64(held.Descriptors + r.IntN(6))
		_ = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &low, nil)
		ranOut = a.seesFull(pid, low.Cur) || ranOut
		goesOn = a.pause(time.Duration(200+r.IntN(500)) * time.Millisecond)
		if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &whole, nil); err != nil {
			a.wrong("prlimit: %v", err)
		}
		if goesOn {
			a.requireServed(r)
			goesOn = a.pause(200 * time.Millisecond)
		}
	}
}

// seesFull waits a moment until a process has as many descriptors as it may, and reports whether it has.
func (a *attack) seesFull(pid int, most uint64) bool {
	for range 100 {
		open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		if err == nil && uint64(len(open)) >= most {
			return true
		}
		if !a.pause(10 * time.Millisecond) {
			return false
		}
	}
	return false
}

// requireServed connects as a good client, which must be served within the longest pause of accepting and a little more.
func (a *attack) requireServed(r *rand.Rand) {
	config := a.clientConfig(r)
	config.Timeout = patience
	began := time.Now()
	for {
		p, err := client.Play(a.ctx, a.server.url("live/"+honestKey+"0"), config)
		switch {
		case err == nil:
			_ = p.Close()
			return
		case a.ctx.Err() != nil:
			return
		case time.Since(began) > patience:
			a.wrong("nobody is served %v after descriptors came back: %v", patience, err)
			return
		}
	}
}
