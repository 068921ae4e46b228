package logging

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	fileName   = "application.log"
	filePrefix = fileName + "."
	hourFormat = "2006-01-02-15" // in UTC, so that names sort by age and no hour comes twice

	// partsOfAll is how many full files there is room for. The one in use has the place of one of them.
	partsOfAll = 8
)

// Rotation bounds the log files. The zero value means the defaults.
type Rotation struct {
	// FilesMax is how many files stay. Zero means 7*24, a week, and negative means all.
	FilesMax int
	// BytesMax is what all of them together may take. Zero means 1 GiB, and negative means no limit. A file that has an
	// eighth of it is followed by another one within the hour.
	BytesMax int64
	// Off is for those who have another program rotate: there is one file, application.log, and nothing is deleted.
	Off bool
}

func (r *Rotation) setDefaults() {
	if r.FilesMax == 0 {
		r.FilesMax = 7 * 24
	}
	if r.BytesMax == 0 {
		r.BytesMax = 1 << 30
	}
}

// partBytesMax is how large a file may become.
func (r Rotation) partBytesMax() int64 {
	if r.BytesMax < 0 {
		return 1<<63 - 1
	}
	return r.BytesMax / partsOfAll
}

// name returns a file's name. Names sort by age: the first file of an hour has no number.
func (f *files) name(hour time.Time, part int) string {
	switch {
	case f.rotation.Off:
		return fileName
	case part == 0:
		return filePrefix + hour.Format(hourFormat)
	}
	return fmt.Sprintf("%s%s.%03d", filePrefix, hour.Format(hourFormat), part)
}

// parseName is the reverse of name. It knows no files of others.
func parseName(name string) (hour time.Time, part int, ok bool) {
	text, found := strings.CutPrefix(name, filePrefix)
	stamp, number, numbered := strings.Cut(text, ".")
	hour, err := time.Parse(hourFormat, stamp)
	if !found || err != nil {
		return hour, 0, false
	}
	if numbered {
		_, err = fmt.Sscanf(number, "%d", &part)
	}
	return hour, part, err == nil && (!numbered || number == fmt.Sprintf("%03d", part))
}

// lastPart returns the newest file of an hour, which a restart goes on with.
func (f *files) lastPart(hour time.Time) (last int) {
	for _, old := range f.list() {
		if old.hour.Equal(hour) {
			last = max(last, old.part)
		}
	}
	return last
}

// logFile is a file in the log directory.
type logFile struct {
	name string
	hour time.Time
	part int
	size int64
}

// list returns the log files that there are, the oldest first.
func (f *files) list() (list []logFile) {
	if f.rotation.Off {
		return nil
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil && !os.IsNotExist(err) {
		f.complain(f.hour, err)
	}
	for _, e := range entries {
		hour, part, ok := parseName(e.Name())
		info, err := e.Info()
		if ok && err == nil && !e.IsDir() {
			list = append(list, logFile{e.Name(), hour, part, info.Size()})
		}
	}
	slices.SortFunc(list, func(a, b logFile) int { return cmp.Or(a.hour.Compare(b.hour), cmp.Compare(a.part, b.part)) })
	return list
}

// deleteOld removes the oldest files until there are not too many, and room for the one in use to become full. It touches
// neither what is not named like a log file nor the file in use, which is not the newest after the clock was set back.
func (f *files) deleteOld() {
	list := f.list()
	current := filepath.Base(f.file.Name())
	count, size := len(list), int64(0)
	for _, old := range list {
		if old.name != current {
			size += old.size
		}
	}
	for _, old := range list {
		tooMany := f.rotation.FilesMax >= 0 && count > f.rotation.FilesMax
		tooLarge := f.rotation.BytesMax >= 0 && size > f.rotation.BytesMax-f.rotation.partBytesMax()
		if !tooMany && !tooLarge {
			return
		}
		if old.name == current {
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, old.name)); err != nil {
			f.complain(f.hour, err)
		}
		count, size = count-1, size-old.size
	}
}
