package step

import (
	"mmids/engine/access"
	"mmids/engine/config"
	"mmids/engine/fanout"
	"mmids/engine/watch"
)

// parameters are what both steps take.
type parameters struct {
	app         string
	key         string
	port        int
	tls         bool // RTMPS
	rule        access.Rule
	reactor     string        // that approves clients, or empty
	fromNextKey bool          // rtmp_watch: gop_cache=off
	flush       *fanout.Flush // rtmp_watch; nil for what the settings say
}

// The ports that URLs without one mean: RTMP's at IANA, and for RTMPS that of HTTPS.
const (
	defaultPort    = 1935
	defaultTLSPort = 443
)

func defaultPortOf(tls bool) int {
	if tls {
		return defaultTLSPort
	}
	return defaultPort
}

func parse(s config.Step) (parameters, []config.Mistake) {
	p := watch.Parser{Step: s}
	tls := p.Flag("rtmps")
	read := parameters{
		app:     p.Text("rtmp_app", "rtmp_app=live"),
		key:     p.Text("stream_key", "stream_key=* for any key"),
		port:    p.Port("port", defaultPortOf(tls)),
		tls:     tls,
		rule:    p.Rule(),
		reactor: p.Reactor(),
	}
	if s.Type == WatchType {
		read.fromNextKey = p.FromNextKey()
		read.flush = p.Flush()
	}
	return read, p.Mistakes
}
