package logging

import "strings"

// Redacted stands where a secret stood.
const Redacted = "…"

// RedactURL returns what may be shown of an address: neither the user, nor what follows '?' or '#', nor the stream key that
// an RTMP address ends in, nor what follows a blank or '|', which are the options of librtmp and further targets of ffmpeg's
// tee. What is no address is returned as it is.
func RedactURL(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	if end := strings.IndexAny(rest, " \t|"); end >= 0 {
		return RedactURL(scheme+"://"+rest[:end]) + rest[end:end+1] + Redacted
	}
	if hidesPassword(rest) {
		return scheme + "://" + Redacted
	}
	query := ""
	if begin := strings.IndexAny(rest, "?#"); begin >= 0 {
		query = rest[begin:begin+1] + Redacted
		rest = rest[:begin]
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = Redacted + rest[at:]
	}
	innermost := scheme[strings.LastIndexAny(scheme, ":]|")+1:] // of tee:[f=flv]rtmp
	if strings.HasPrefix(strings.ToLower(innermost), "rtmp") && strings.Count(rest, "/") >= 2 {
		rest = rest[:strings.LastIndexByte(rest, '/')+1] + Redacted
	}
	return scheme + "://" + rest + query
}

// hidesPassword reports whether what follows "://" begins with user and password of which the password has a '/', '?' or
// '#' that should have been escaped. What stands before that character looks like host and port then, but for a port that is
// no number, or for what should be a query and has no '=' before the '@'.
func hidesPassword(rest string) bool {
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return false
	}
	after, _, at := strings.Cut(rest[end+1:], "@")
	colon := strings.LastIndexByte(rest[:end], ':')
	if !at || colon < 0 || strings.ContainsAny(rest[:end], "@]") { // ']' ends an IPv6 address
		return false
	}
	return strings.Trim(rest[colon+1:end], "0123456789") != "" || rest[end] != '/' && !strings.Contains(after, "=")
}
