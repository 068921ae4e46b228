package api

import (
	"strings"

	"mmids/engine/logging"
)

// redactTarget returns a request target as logs may show it: without what a client calls itself (user and password before
// the host) and without the query.
func redactTarget(target string) string {
	target, query, _ := strings.Cut(target, "?")
	target = logging.RedactURL(target)
	if query != "" {
		target += "?" + logging.Redacted
	}
	return target
}
