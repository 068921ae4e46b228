package logging

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"
)

// stackField is shown line by line below its event, since one quoted line of it cannot be read.
const stackField = "stack"

// consoleWriter returns the writer of short lines for people: time of day (UTC), level, message, then the
// fields sorted by name. Values come from peers, so whatever a terminal could take for a command or a line end
// is escaped.
func consoleWriter(w io.Writer) io.Writer {
	return zerolog.ConsoleWriter{
		Out:                 w,
		FieldsExclude:       []string{stackField},
		FormatTimestamp:     timeOfDay,
		FormatMessage:       printable,
		FormatFieldValue:    printable,
		FormatErrFieldValue: printable,
		FormatExtra:         appendStack,
	}
}

func timeOfDay(value any) string {
	text, _ := value.(string)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return printable(value)
	}
	return t.Format("15:04:05.000")
}

func appendStack(event map[string]any, line *bytes.Buffer) error {
	stack, _ := event[stackField].(string)
	for text := range strings.Lines(stack) {
		line.WriteString("\n    ")
		line.WriteString(printable(strings.ReplaceAll(strings.TrimRight(text, "\r\n"), "\t", "  ")))
	}
	return nil
}

// printable returns the value as text in which control characters, line ends and everything else that has no
// shape of its own is escaped as in a Go string.
func printable(value any) string {
	var text string
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		text = v
	case []byte: // a list or an object, already JSON
		text = string(v)
	default:
		text = fmt.Sprint(v)
	}
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
