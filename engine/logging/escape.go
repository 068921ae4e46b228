package logging

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable returns text in which control characters, line ends and everything else that has no shape of its own is escaped
// as in a Go string, for people who look at what strangers have sent.
func Printable(text string) string {
	clean := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) })
	if clean < 0 {
		return text
	}
	escaped := make([]byte, 0, len(text)+16)
	escaped = append(escaped, text[:clean]...)
	for rest := text[clean:]; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if r != utf8.RuneError && strconv.IsPrint(r) {
			escaped = append(escaped, rest[:size]...)
		} else {
			quoted := strconv.Quote(rest[:size])
			escaped = append(escaped, quoted[1:len(quoted)-1]...)
		}
		rest = rest[size:]
	}
	return string(escaped)
}

// isPlain reports whether nothing in a line of JSON needs [appendEscaped], as is nearly always so.
func isPlain(line []byte) bool {
	for _, b := range line {
		if b >= 0x7f {
			return false
		}
	}
	return true
}

// appendEscaped appends a line of JSON that means the same as this one and can be looked at on a terminal. JSON has to escape
// only what stands before the blank, but terminals obey U+009B as well, and U+202E turns a line round.
func appendEscaped(dst, line []byte) []byte {
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		switch {
		case r < 0x7f || r != utf8.RuneError && strconv.IsPrint(r):
			dst = append(dst, line[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		line = line[size:]
	}
	return dst
}
