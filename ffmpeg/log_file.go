package ffmpeg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// logFolder is the subfolder of the log directory. The name is the one that operators know; it holds standard error.
const logFolder = "ffmpeg_stdout"

// logFile appends to a file until the bound is reached, then renames it to file.1, that to file.2 and so on, and begins a
// new one. A file that cannot be written loses lines and nothing else: who writes is never told and never held up.
type logFile struct {
	path     string
	bytesMax int64
	filesMax int

	file *os.File // nil when it could not be opened again
	size int64
}

func openLogFile(path string, bytesMax int64, filesMax int) (*logFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	l := &logFile{path: path, bytesMax: bytesMax, filesMax: filesMax}
	if err := l.open(0); err != nil {
		return nil, err
	}
	info, err := l.file.Stat()
	if err != nil {
		_ = l.file.Close()
		return nil, err
	}
	l.size = info.Size()
	return l, nil
}

// open opens the file with a further flag. What ffmpeg says of its targets is not for everybody.
func (l *logFile) open(flag int) (err error) {
	l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND|flag, 0o640)
	if err != nil {
		l.file = nil
	}
	return err
}

// write appends b, which is kept in one piece.
func (l *logFile) write(b []byte) {
	if l.size > 0 && l.size+int64(len(b)) > l.bytesMax {
		l.rotate()
	}
	if l.file == nil {
		return
	}
	n, _ := l.file.Write(b)
	l.size += int64(n)
}

// rotate begins a new file. Should the old one still be there, because it could not be renamed, it is emptied: the bound
// holds whatever happens.
func (l *logFile) rotate() {
	l.close()
	for i := l.filesMax - 1; i > 0; i-- {
		_ = os.Rename(l.numbered(i-1), l.numbered(i))
	}
	_ = l.open(os.O_TRUNC)
	l.size = 0
}

func (l *logFile) numbered(i int) string {
	if i == 0 {
		return l.path
	}
	return fmt.Sprintf("%s.%d", l.path, i)
}

func (l *logFile) close() {
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}

// logNameBytesMax bounds the part of an id's file name that comes from the id, so that with ".log.2" it stays far below the
// 255 bytes of a file name. A UUID has 36.
const logNameBytesMax = 128

// logName returns the name of an id's log file, which is the id itself if it consists of letters, digits, '-', '_' and
// inner dots. Everything else is escaped, so that no id leaves the folder and no two ids share a file.
func logName(id string) string {
	var name strings.Builder
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, "%%%02X", c)
		}
	}
	if name.Len() > logNameBytesMax {
		sum := sha256.Sum256([]byte(id))
		return name.String()[:logNameBytesMax/2] + "~" + hex.EncodeToString(sum[:16]) + ".log"
	}
	return name.String() + ".log"
}
