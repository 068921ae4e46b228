package logging

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

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

// printable returns the value as [Printable] text.
func printable(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return Printable(v)
	case []byte: // a list or an object, already JSON
		return Printable(string(v))
	default:
		return Printable(fmt.Sprint(v))
	}
}
