package main

import (
	"os"
	"syscall"
	"time"
)

// watchPause is how often a file that is watched is looked at. It is applied when it has been the same for one pause, so
// that it is not read while somebody writes it.
const watchPause = 500 * time.Millisecond

// fileWatch notices that a file has changed: written in place, replaced by another one, as editors do, or reached by another
// symbolic link, as with the volumes of Kubernetes. It looks at the file now and then, which costs some microseconds, works
// on every file system, network ones included, and needs nothing but the name; notices of the kernel are about one directory
// entry and one inode, which all of these cases exchange.
type fileWatch struct {
	file    string
	on      bool
	timer   *time.Timer
	applied identity
	last    identity // at the last look
}

// identity is what tells one state of a file from another. The zero value means that there is none.
type identity struct {
	device, inode uint64
	size          int64
	changed       syscall.Timespec
}

func identify(file string) identity {
	info, err := os.Stat(file)
	if err != nil {
		return identity{}
	}
	stat := info.Sys().(*syscall.Stat_t)
	return identity{stat.Dev, stat.Ino, info.Size(), stat.Ctim}
}

// begin notes that the file is going to be read.
func (w *fileWatch) begin() {
	w.applied = identify(w.file)
	w.last = w.applied
}

// tick is when to look next; never, while the watch is off.
func (w *fileWatch) tick() <-chan time.Time {
	if !w.on {
		return nil
	}
	if w.timer == nil {
		w.timer = time.NewTimer(watchPause)
	} else {
		w.timer.Reset(watchPause)
	}
	return w.timer.C
}

// hasChanged looks at the file. It reports a change once it was the same at two looks.
func (w *fileWatch) hasChanged() bool {
	before := w.last
	w.last = identify(w.file)
	isThere, isSettled := w.last != identity{}, w.last == before
	return isThere && isSettled && w.last != w.applied
}
