package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// terminals are the terminals that the server was started on.
type terminals []*os.File

func openTerminals() (open terminals) {
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if isTerminal(f) {
			open = append(open, f)
		}
	}
	return open
}

// closed reports whether one of them has gone. Then SIGHUP is what it was made for: the window is closed or the connection
// is broken, so whoever has started the server wants no more of it. The kernel hangs the terminal up before it sends the signal.
func (t terminals) closed() bool {
	for _, f := range t {
		if !isTerminal(f) {
			return true
		}
	}
	return false
}
