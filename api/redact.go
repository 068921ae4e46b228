package api

import "strings"

// redacted stands where a secret stood.
const redacted = "…"

// redactTarget returns a request target as logs may show it: without what a client calls itself (user and
// password before the host) and without the values of the query.
func redactTarget(target string) string {
	target, query, found := strings.Cut(target, "?")
	target = redactUserinfo(target)
	if !found {
		return target
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, _, isPair := strings.Cut(pair, "="); isPair {
			pairs[i] = name + "=" + redacted
		} else if pair != "" {
			pairs[i] = redacted
		}
	}
	return target + "?" + strings.Join(pairs, "&")
}

// redactUserinfo hides user and password of a URL (RFC 3986 §3.2.1).
func redactUserinfo(url string) string {
	scheme, rest, found := strings.Cut(url, "://")
	if !found {
		return url
	}
	authority, path, hasPath := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = redacted + authority[at:]
	}
	if hasPath {
		authority += "/" + path
	}
	return scheme + "://" + authority
}
