package workflow

import (
	"strings"

	"github.com/rs/zerolog"

	"mmids/engine/config"
)

const redacted = "…"

// redact returns what may be shown of a parameter's value: nothing of a password or token, and of an address neither
// the user, nor what follows '?', nor the stream key that an RTMP address ends in, nor what follows a blank or '|', which
// are options and further addresses.
func redact(name, value string) string {
	name = strings.ToLower(name)
	for _, secret := range []string{"password", "passwd", "secret", "token"} {
		if value != "" && strings.Contains(name, secret) {
			return redacted
		}
	}
	if scheme, rest, ok := strings.Cut(value, "://"); ok {
		if end := strings.IndexAny(rest, " \t|"); end >= 0 {
			return redact(name, scheme+"://"+rest[:end]) + rest[end:end+1] + redacted
		}
	}
	address, _, hasQuery := strings.Cut(value, "?")
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			rest = redacted + rest[at:]
		}
		innermost := scheme[strings.LastIndexAny(scheme, ":]|")+1:] // of tee:[f=flv]rtmp
		if strings.HasPrefix(strings.ToLower(innermost), "rtmp") && strings.Count(rest, "/") >= 2 {
			rest = rest[:strings.LastIndexByte(rest, '/')+1] + redacted
		}
		address = scheme + "://" + rest
	}
	if hasQuery {
		address += "?" + redacted
	}
	return address
}

// loggedParams writes parameters into a log line. One without a value is null.
type loggedParams config.Params

func (p loggedParams) MarshalZerologObject(e *zerolog.Event) {
	for _, param := range p {
		if param.HasValue {
			e.Str(param.Name, redact(param.Name, param.Value))
		} else {
			e.Interface(param.Name, nil)
		}
	}
}
