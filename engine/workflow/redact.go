package workflow

import (
	"strings"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/logging"
)

// redact returns what may be shown of a parameter's value: nothing of a password or token, of an address what
// [logging.RedactURL] leaves, and of anything else nothing behind '?'.
func redact(name, value string) string {
	if value != "" && config.IsSecret(name) {
		return logging.Redacted
	}
	if strings.Contains(value, "://") {
		return logging.RedactURL(value)
	}
	if key, _, hasQuery := strings.Cut(value, "?"); hasQuery {
		return key + "?" + logging.Redacted
	}
	return value
}

// shownParams returns a copy of params in the order of their names, in which nothing is secret.
func shownParams(params config.Params) config.Params {
	params = sortedParams(params)
	for k := range params {
		params[k].Value = redact(params[k].Name, params[k].Value)
	}
	return params
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
