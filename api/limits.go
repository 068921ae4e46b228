package api

import (
	"time"

	"github.com/valyala/fasthttp"

	"mmids/engine/config"
	"mmids/engine/limits"
)

// Limits bound what the clients of a server may ask for. A field that is zero has its default.
type Limits struct {
	// ConnectionsMax bounds the connections that are served at once; further ones get 503. Callers are the operator, a
	// few dashboards and probes. Zero means 512: at 8 KB of buffers each this is 4 MB.
	ConnectionsMax int

	// HeaderBytesMax bounds request line and header together. Zero means 8 KiB.
	HeaderBytesMax int

	// BodyBytesMax bounds a body. Zero means config.TextBytesMax, the longest text that can be read.
	BodyBytesMax int

	// ReadTimeout bounds the time from a request's first byte to its last, so a client that sends a byte now and then does
	// not hold a connection for long. Zero means 15 s: 1 MiB within it is 0.56 Mbit/s.
	ReadTimeout time.Duration

	// Counters count what was refused; may be nil.
	Counters *limits.Counters
}

func (l Limits) withDefaults() Limits {
	fill := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	fill(&l.ConnectionsMax, 512)
	fill(&l.HeaderBytesMax, 8<<10)
	fill(&l.BodyBytesMax, config.TextBytesMax)
	if l.ReadTimeout <= 0 {
		l.ReadTimeout = 15 * time.Second
	}
	return l
}

// limitAnswer is a limit of the server.
type limitAnswer struct {
	Name     string `json:"name"`
	Exceeded uint64 `json:"exceeded"` // how often, since the start
}

// LimitsRoute is where the official distribution shows its limits.
func LimitsRoute(c *limits.Counters) Route {
	return Route{Method: "GET", Path: []Part{Exact("limits")}, Handler: ShowLimits(c), Quiet: true}
}

// ShowLimits answers with every limit of the server and how often it was exceeded.
func ShowLimits(c *limits.Counters) Handler {
	all := limits.All()
	return func(r *Request) {
		answers := make([]limitAnswer, len(all))
		for i, l := range all {
			answers[i] = limitAnswer{l.String(), c.Count(l)}
		}
		r.JSON(fasthttp.StatusOK, answers)
	}
}
