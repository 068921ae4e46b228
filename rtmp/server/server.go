package server

import (
	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

// Server is the RTMP endpoint. Its methods may be called from any goroutine.
type Server struct {
	config     Config
	totals     *figures.Totals
	sockets    *tcp.Manager
	registry   registry
	batches    [][]media.Notification // scratch of each loop
	hellos     [][]byte               // scratch of each loop, for handshakes
	fanouts    []*fanout.Loop         // of each loop
	scratches  []scratch              // of each loop, for selections
	publishers []int                  // on each loop; each touched by its loop only
}

// New returns an endpoint that opens its ports on sockets. It holds nothing that needs closing beyond its
// registrations.
func New(sockets *tcp.Manager, config Config) *Server {
	s := &Server{
		config:     config.withDefaults(),
		totals:     figures.NewTotals(config.Labels),
		sockets:    sockets,
		registry:   registry{ports: make(map[int]*port)},
		batches:    make([][]media.Notification, len(sockets.Loops())),
		hellos:     make([][]byte, len(sockets.Loops())),
		scratches:  make([]scratch, len(sockets.Loops())),
		publishers: make([]int, len(sockets.Loops())),
	}
	if s.fanouts = config.Loops; s.fanouts == nil {
		s.fanouts = watch.Loops(sockets, s.config.Log)
	}
	return s
}
