package ffmpeg

import (
	"bytes"
	"net/url"
	"strings"

	"mmids/engine/logging"
)

// redactor takes a job's own addresses out of ffmpeg's output. Where one has blanks, [appendRedacted] could not tell where
// it ends. And it takes out the apps of the server's own port, which keep strangers out by being unknown: ffmpeg repeats
// what the server answers about them.
func (j Job) redactor() *strings.Replacer {
	var pairs []string
	args := j.Args()
	for i, shown := range j.shownArgs() {
		if shown != args[i] {
			pairs = append(pairs, args[i], shown)
		}
	}
	for _, app := range j.ownApps() {
		pairs = append(pairs, app, logging.Redacted)
	}
	return strings.NewReplacer(pairs...)
}

// shownArgs is Args as it may be shown.
func (j Job) shownArgs() []string {
	shown := j.Args()
	for i := range shown {
		shown[i] = logging.RedactURL(shown[i])
		for _, app := range j.ownApps() {
			shown[i] = strings.ReplaceAll(shown[i], app, logging.Redacted)
		}
	}
	return shown
}

// ownApps returns the apps of the job's addresses on the server's own port.
func (j Job) ownApps() (apps []string) {
	note := func(address, protocols string) {
		if u, err := url.Parse(address); err == nil && protocols == InternalProtocols {
			if app, _, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); ok && app != "" {
				apps = append(apps, app)
			}
		}
	}
	note(j.Input, j.InputProtocols)
	if target, ok := j.Target.(FLV); ok {
		note(target.URL, j.TargetProtocols)
	}
	return apps
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
