package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// progress shows each second how it goes, in one line of a terminal.
type progress struct {
	out  *os.File // nil when there is no terminal
	last reading
}

func newProgress(out *os.File) *progress {
	if _, err := unix.IoctlGetTermios(int(out.Fd()), unix.TCGETS); err != nil {
		return &progress{}
	}
	return &progress{out: out}
}

func (p *progress) show(r reading) {
	last := p.last
	p.last = r
	if p.out == nil || last.at.IsZero() {
		return
	}
	state, seconds := "warming up", r.at.Sub(last.at).Seconds()
	switch {
	case r.disturbed:
		state = "DISTURBED"
	case r.measured:
		state = "measuring"
	}
	const eraseToEnd = "\x1b[K"
	fmt.Fprintf(p.out, "\r%s: %.0f Mbit/s delivered, server %.0f %% of a CPU, generator %.0f %%"+eraseToEnd, state,
		float64(r.delivered-last.delivered)*8/1e6/seconds,
		100*(r.server-last.server).Seconds()/seconds, 100*(r.generator-last.generator).Seconds()/seconds)
}

func (p *progress) end() {
	if p.out != nil {
		fmt.Fprintln(p.out)
	}
}
