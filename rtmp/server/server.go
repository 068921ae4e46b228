package server

import (
	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

// Server is the RTMP endpoint. Its methods may be called from any goroutine.
type Server struct {
	config   Config
	totals   *figures.Totals
	sockets  *tcp.Manager
	registry registry
	fanouts  []*fanout.Loop // of each loop, perhaps shared with other endpoints
	loops    []loopState    // of each loop
}

// New returns an endpoint that opens its ports on sockets. It holds nothing that needs closing beyond its
// registrations.
func New(sockets *tcp.Manager, config Config) *Server {
	s := &Server{
		config:   config.withDefaults(),
		totals:   figures.NewTotals(config.Labels),
		sockets:  sockets,
		registry: registry{ports: make(map[int]*port)},
		fanouts:  config.Loops,
		loops:    make([]loopState, len(sockets.Loops())),
	}
	if s.fanouts == nil {
		s.fanouts = watch.Loops(sockets, s.config.Log)
	}
	return s
}
