package logging

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	filePrefix = "application.log."
	hourFormat = "2006-01-02-15" // in UTC, so that names sort by age and no hour comes twice

	// reopenPause is how long a new hour's file that could not be opened is left alone. Lines go on to the
	// file of the hour before, so nothing is lost meanwhile.
	reopenPause = 10 * time.Second
)

// hourlyFiles writes lines to a file for each hour. Its Output's mutex guards it.
type hourlyFiles struct {
	dir        string
	keep       int
	now        func() time.Time
	complaints io.Writer

	file       *os.File
	hour       time.Time // of file
	retryAt    time.Time // no attempt to open the next file before
	complained time.Time // hour of the last complaint
	torn       bool      // the file ends in the middle of a line
}

func openFiles(dir string, keep int, now func() time.Time, complaints io.Writer) (*hourlyFiles, error) {
	f := &hourlyFiles{dir: dir, keep: keep, now: now, complaints: complaints}
	if err := f.open(hourOf(now())); err != nil {
		return nil, err
	}
	return f, nil
}

func hourOf(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// write reports whether the whole line is in a file.
func (f *hourlyFiles) write(line []byte) bool {
	now := f.now()
	if hour := hourOf(now); !hour.Equal(f.hour) && !now.Before(f.retryAt) {
		if err := f.open(hour); err != nil {
			f.retryAt = now.Add(reopenPause)
			f.complain(now, err)
		}
	}
	if f.torn {
		if _, err := f.file.Write([]byte{'\n'}); err != nil {
			f.complain(now, err)
			return false
		}
		f.torn = false
	}
	n, err := f.file.Write(line)
	if err != nil {
		f.torn = n > 0
		f.complain(now, err)
		return false
	}
	return true
}

// open changes to the file of an hour, which may exist already after a restart, and deletes old ones.
func (f *hourlyFiles) open(hour time.Time) error {
	if err := os.MkdirAll(f.dir, 0o750); err != nil {
		return err
	}
	name := filepath.Join(f.dir, filePrefix+hour.Format(hourFormat))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	if f.file != nil {
		_ = f.file.Close()
	}
	f.file, f.hour, f.retryAt, f.torn = file, hour, time.Time{}, false
	f.deleteOld()
	return nil
}

// deleteOld removes all but the newest files. It touches neither what is not named like a log file nor the
// file in use, which is not the newest after the clock was set back.
func (f *hourlyFiles) deleteOld() {
	if f.keep < 0 {
		return
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		f.complain(f.hour, err)
		return
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		hour, found := strings.CutPrefix(e.Name(), filePrefix)
		_, err := time.Parse(hourFormat, hour)
		return !found || err != nil || e.IsDir()
	})
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, e := range entries[:max(0, len(entries)-f.keep)] {
		if e.Name() == filepath.Base(f.file.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil {
			f.complain(f.hour, err)
		}
	}
}

// complain says once an hour that something is wrong with the log files. The log itself is no place for it.
func (f *hourlyFiles) complain(now time.Time, err error) {
	hour := hourOf(now)
	if hour.Equal(f.complained) {
		return
	}
	f.complained = hour
	_, _ = fmt.Fprintf(f.complaints, "mmids: cannot write log files: %v\n", err)
}

func (f *hourlyFiles) close() error { return f.file.Close() }
