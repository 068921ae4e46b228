package ffmpeg

import (
	"bytes"
	"strings"

	"mmids/engine/logging"
)

// redactor takes a job's own addresses out of ffmpeg's output. Where one has blanks, [appendRedacted] could not tell where
// it ends.
func (j Job) redactor() *strings.Replacer {
	var pairs []string
	for _, arg := range j.Args() {
		if shown := logging.RedactURL(arg); shown != arg {
			pairs = append(pairs, arg, shown)
		}
	}
	return strings.NewReplacer(pairs...)
}

func redactAll(args []string) []string {
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = logging.RedactURL(a)
	}
	return shown
}

// appendRedacted appends a line of ffmpeg's output in which every address is made illegible as by [logging.RedactURL].
func appendRedacted(dst, line []byte) []byte {
	for {
		middle := bytes.Index(line, []byte("://"))
		if middle < 0 {
			return append(dst, line...)
		}
		begin := middle
		for begin > 0 && isSchemeByte(line[begin-1]) {
			begin--
		}
		end := middle + len("://")
		for end < len(line) && !endsURL(line[end]) {
			end++
		}
		for strings.IndexByte(",.:;", line[end-1]) >= 0 { // the sentence's, not the address's
			end--
		}
		dst = append(dst, line[:begin]...)
		dst = append(dst, logging.RedactURL(string(line[begin:end]))...)
		line = line[end:]
	}
}

func isSchemeByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '+' || b == '-' || b == '.'
}

func endsURL(b byte) bool { return b <= ' ' || b == '\'' || b == '"' || b == '<' || b == '>' }
