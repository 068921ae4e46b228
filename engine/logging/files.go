package logging

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// reopenPause is how long a next file that could not be opened is left alone. Lines go on to the one before, so nothing is
// lost meanwhile.
const reopenPause = 10 * time.Second

// files writes lines to a file for each hour, and further ones when that has become large, or to one that others rotate. Its
// Output's mutex guards it.
type files struct {
	dir        string
	rotation   Rotation
	now        func() time.Time
	complaints io.Writer

	file       *os.File
	hour       time.Time // of file
	part       int       // of the hour
	size       int64     // of file
	retryAt    time.Time // no attempt to open the next file before
	complained time.Time // hour of the last complaint
	torn       bool      // the file ends in the middle of a line
}

func openFiles(dir string, r Rotation, now func() time.Time, complaints io.Writer) (*files, error) {
	f := &files{dir: dir, rotation: r, now: now, complaints: complaints}
	hour := hourOf(now())
	if err := f.open(hour, f.lastPart(hour)); err != nil {
		return nil, err
	}
	return f, nil
}

func hourOf(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// write reports whether the whole line is in a file.
func (f *files) write(line []byte) bool {
	now := f.now()
	if !now.Before(f.retryAt) {
		f.change(now, len(line))
	}
	if f.torn {
		if _, err := f.file.Write([]byte{'\n'}); err != nil {
			f.complain(now, err)
			return false
		}
		f.torn = false
	}
	n, err := f.file.Write(line)
	f.size += int64(n)
	if err != nil {
		f.torn = n > 0
		f.complain(now, err)
		return false
	}
	return true
}

// change opens the file that a line of this length belongs to, if it is another one.
func (f *files) change(now time.Time, length int) {
	hour, part := hourOf(now), f.part
	switch isFull := f.size > 0 && f.size+int64(length) > f.rotation.partBytesMax(); {
	case f.rotation.Off:
		return
	case !hour.Equal(f.hour):
		part = f.lastPart(hour)
	case isFull:
		part++
	default:
		return
	}
	if err := f.open(hour, part); err != nil {
		f.retryAt = now.Add(reopenPause)
		f.complain(now, err)
	}
}

// open changes to a file, which may exist already after a restart, and deletes old ones.
func (f *files) open(hour time.Time, part int) error {
	if err := os.MkdirAll(f.dir, 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(f.dir, f.name(hour, part)), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	if f.file != nil {
		_ = f.file.Close()
	}
	f.file, f.hour, f.part, f.size, f.retryAt, f.torn = file, hour, part, sizeOf(file), time.Time{}, false
	f.deleteOld()
	return nil
}

func sizeOf(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// complain says once an hour that something is wrong with the log files. The log itself is no place for it.
func (f *files) complain(now time.Time, err error) {
	hour := hourOf(now)
	if hour.Equal(f.complained) {
		return
	}
	f.complained = hour
	_, _ = fmt.Fprintf(f.complaints, "mmids: cannot write log files: %v\n", err)
}

func (f *files) close() error { return f.file.Close() }
