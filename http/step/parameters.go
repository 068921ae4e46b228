package step

import (
	"fmt"
	"net"
	"strconv"

	"mmids/engine/access"
	"mmids/engine/config"
	"mmids/engine/fanout"
	"mmids/engine/watch"
)

// parameters are what the step takes.
type parameters struct {
	app         string
	key         string
	port        int
	tls         bool
	rule        access.Rule
	reactor     string // that approves clients, or empty
	fromNextKey bool
	flush       *fanout.Flush // nil for what the settings say
}

// The ports without http_port. Those that URLs without one mean are often a web server's.
const (
	defaultPort    = 8080
	defaultTLSPort = 8443
)

func parse(s config.Step) (parameters, []config.Mistake) {
	p := watch.Parser{Step: s}
	tls := p.Flag("use_tls")
	port := defaultPort
	if tls {
		port = defaultTLSPort
	}
	read := parameters{
		app:         p.Text("app", "app=live"),
		key:         p.Text("stream_key", "stream_key=* for any key"),
		port:        p.Port("http_port", port),
		tls:         tls,
		rule:        p.Rule(),
		reactor:     p.Reactor(),
		fromNextKey: p.FromNextKey(),
		flush:       p.Flush(),
	}
	return read, p.Mistakes
}

// URL returns where browsers on a host reach a step: http://host:port/live/app/key.mp4, or https://, with <key> where any
// stream key will do. With .flv in place of .mp4 it is FLV. It reports false for steps of other types and for definitions
// with mistakes.
func URL(d config.Step, host string) (string, bool) {
	if d.Type != WatchType {
		return "", false
	}
	p, mistakes := parse(d)
	if len(mistakes) > 0 {
		return "", false
	}
	scheme, key := "http", p.key
	if p.tls {
		scheme = "https"
	}
	if key == access.AnyKey {
		key = "<key>"
	}
	return fmt.Sprintf("%s://%s/live/%s/%s.mp4", scheme, net.JoinHostPort(host, strconv.Itoa(p.port)), p.app, key), true
}
