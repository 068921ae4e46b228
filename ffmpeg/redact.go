package ffmpeg

import (
	"bytes"
	"strings"
)

const illegible = "…"

// redactURL returns what may be shown of an address: neither the user, nor what follows '?', nor the stream key that an
// RTMP address ends in. What is no address is returned as it is.
func redactURL(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	rest, _, hasQuery := strings.Cut(rest, "?")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = illegible + rest[at:]
	}
	if strings.HasPrefix(strings.ToLower(scheme), "rtmp") && strings.Count(rest, "/") >= 2 {
		rest = rest[:strings.LastIndexByte(rest, '/')+1] + illegible
	}
	if hasQuery {
		rest += "?" + illegible
	}
	return scheme + "://" + rest
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
