package ffmpeg

import (
	"bytes"
	"strings"
)

const illegible = "…"

// redactURL returns what may be shown of an address: neither the user, nor what follows '?', nor the stream key that an
// RTMP address ends in, nor what follows a blank or '|', which are the options of librtmp and further targets of tee. What
// is no address is returned as it is.
func redactURL(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	if end := strings.IndexAny(rest, " \t|"); end >= 0 {
		return redactURL(scheme+"://"+rest[:end]) + rest[end:end+1] + illegible
	}
	rest, _, hasQuery := strings.Cut(rest, "?")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = illegible + rest[at:]
	}
	innermost := scheme[strings.LastIndexAny(scheme, ":]|")+1:] // of tee:[f=flv]rtmp
	if strings.HasPrefix(strings.ToLower(innermost), "rtmp") && strings.Count(rest, "/") >= 2 {
		rest = rest[:strings.LastIndexByte(rest, '/')+1] + illegible
	}
	if hasQuery {
		rest += "?" + illegible
	}
	return scheme + "://" + rest
}

// redactor takes a job's own addresses out of ffmpeg's output. Where one has blanks, [appendRedacted] could not tell where
// it ends.
func (j Job) redactor() *strings.Replacer {
	var pairs []string
	for _, arg := range j.Args() {
		if shown := redactURL(arg); shown != arg {
			pairs = append(pairs, arg, shown)
		}
	}
	return strings.NewReplacer(pairs...)
}

func redactAll(args []string) []string {
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = redactURL(a)
	}
	return shown
}

// appendRedacted appends a line of ffmpeg's output in which every address is made illegible as by redactURL.
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
		dst = append(dst, redactURL(string(line[begin:end]))...)
		line = line[end:]
	}
}

func isSchemeByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '+' || b == '-' || b == '.'
}

func endsURL(b byte) bool { return b <= ' ' || b == '\'' || b == '"' || b == '<' || b == '>' }
