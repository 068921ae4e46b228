package step

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"mmids/engine/access"
	"mmids/engine/config"
)

// URL returns where clients reach a step on a host: rtmp://host/app/key, or rtmps://, with <key> where any stream key will do. It
// reports false for steps of other types and for definitions with mistakes.
func URL(d config.Step, host string) (string, bool) {
	if d.Type != ReceiveType && d.Type != WatchType {
		return "", false
	}
	p, mistakes := parse(d)
	if len(mistakes) > 0 {
		return "", false
	}
	switch {
	case p.port != defaultPortOf(p.tls):
		host = net.JoinHostPort(host, strconv.Itoa(p.port))
	case strings.Contains(host, ":"): // an IPv6 address
		host = "[" + host + "]"
	}
	key := p.key
	if key == access.AnyKey {
		key = "<key>"
	}
	scheme := "rtmp"
	if p.tls {
		scheme = "rtmps"
	}
	return fmt.Sprintf("%s://%s/%s/%s", scheme, host, p.app, key), true
}
