package server

import (
	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

// Server is the HTTP endpoint for viewers. Its methods may be called from any goroutine.
type Server struct {
	config   Config
	sockets  *tcp.Manager
	registry registry
	fanouts  []*fanout.Loop // of each loop
	totals   *figures.Totals
}

// New returns an endpoint that opens its ports on sockets. It holds nothing that needs closing beyond its
// registrations.
func New(sockets *tcp.Manager, config Config) *Server {
	s := &Server{config: config.withDefaults(), sockets: sockets, registry: registry{ports: make(map[int]*port)}, totals: figures.NewTotals(config.Labels)}
	if s.fanouts = config.Loops; s.fanouts == nil {
		s.fanouts = watch.Loops(sockets, s.config.Log)
	}
	return s
}
