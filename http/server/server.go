package server

import (
	"mmids/engine/fanout"
	"mmids/engine/tcp"
)

// Server is the HTTP endpoint for viewers. Its methods may be called from any goroutine.
type Server struct {
	config   Config
	sockets  *tcp.Manager
	registry registry
	fanouts  []*fanout.Loop // of each loop
}

// New returns an endpoint that opens its ports on sockets. It holds nothing that needs closing beyond its
// registrations.
func New(sockets *tcp.Manager, config Config) *Server {
	s := &Server{config: config.withDefaults(), sockets: sockets, registry: registry{ports: make(map[int]*port)}}
	for _, l := range sockets.Loops() {
		s.fanouts = append(s.fanouts, fanout.NewLoop(func(visit func(int) (int, bool)) fanout.Task { return l.NewTask(visit) }))
	}
	return s
}
