package ffmpeg

import "bytes"

// lines puts bytes that come in any portions together to lines. A line ends with \n or \r; empty ones are left out.
type lines struct {
	max  int                         // bytes that are kept of a line
	emit func(line []byte, cut bool) // line is valid until emit returns; cut says that its end is missing

	partial []byte
	cut     bool
}

func (l *lines) write(b []byte) {
	for {
		end := bytes.IndexAny(b, "\r\n")
		if end < 0 {
			l.keep(b)
			return
		}
		l.keep(b[:end])
		l.flush()
		b = b[end+1:]
	}
}

func (l *lines) keep(b []byte) {
	if room := l.max - len(l.partial); len(b) > room {
		b, l.cut = b[:room], true
	}
	l.partial = append(l.partial, b...)
}

// flush emits the line that is under way, for the case that no more is to come.
func (l *lines) flush() {
	if len(l.partial) > 0 {
		l.emit(l.partial, l.cut)
	}
	l.partial, l.cut = l.partial[:0], false
}
