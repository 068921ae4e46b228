package server

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"mmids/engine/access"
	"mmids/engine/tcp"
	"mmids/engine/watch"
	"mmids/engine/workflow"
)

// registry knows every port, registration and channel. Its lock guards all of them.
type registry struct {
	mu    sync.Mutex
	ports map[int]*port
}

// port is an open port. It lives as long as it has registrations or connections.
type port struct {
	number        int
	tls           bool
	listener      *tcp.Port
	registrations []*Registration // oldest first
	connections   int
}

// heldBy reports whether all registrations of the port are a workflow's.
func (p *port) heldBy(workflow string) bool {
	return !slices.ContainsFunc(p.registrations, func(r *Registration) bool { return r.request.Owner.Workflow != workflow })
}

// add puts a registration in, and opens its port if that is not open. A workflow that changes may register what its
// retiring steps still hold.
func (s *Server) add(r *Registration) error {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	p, err := s.openLocked(&r.request)
	if err != nil {
		return err
	}
	for _, other := range p.registrations {
		if other.request.App == r.request.App && access.Overlap(other.request.Key, r.request.Key) && !other.yieldsTo(r) {
			s.closeUnusedLocked(p)
			return &TakenError{Port: p.number, App: r.request.App, Key: other.request.Key, Workflow: other.request.Owner.Workflow}
		}
	}
	p.registrations = append(p.registrations, r)
	r.port = p
	return nil
}

// openLocked returns the port, bound if it was not.
func (s *Server) openLocked(r *Request) (*port, error) {
	if r.TLS && s.config.TLS == nil {
		return nil, ErrNoCertificate
	}
	switch p := s.registry.ports[r.Port]; {
	case p == nil:
	case p.tls == r.TLS:
		return p, nil
	case len(p.registrations) > 0:
		return nil, &watch.TLSError{Port: p.number, TLS: p.tls, Own: p.heldBy(r.Owner.Workflow), Option: "use_tls"}
	default: // it only waits for the last connections of steps that are gone; they do without it
		s.dropLocked(p)
	}
	p := &port{number: r.Port, tls: r.TLS}
	config := tcp.PortConfig{
		Accept: func(c *tcp.Conn) tcp.Handler { return s.accept(p, c) },
		Lost:   func(err error) { s.lost(p, err) },
	}
	if r.TLS {
		config.TLS = s.config.TLS
	}
	listener, err := watch.OpenPort(s.sockets, s.config.BindAddress, r.Port, config)
	if err != nil {
		return nil, err
	}
	p.listener = listener
	s.registry.ports[r.Port] = p
	s.config.Log.Info().Int("port", p.number).Bool("use_tls", p.tls).Msg("port opened")
	return p, nil
}

// closeUnusedLocked closes the port if nothing needs it any more.
func (s *Server) closeUnusedLocked(p *port) {
	if len(p.registrations) == 0 && p.connections == 0 && s.registry.ports[p.number] == p {
		s.dropLocked(p)
	}
}

// dropLocked closes a port that has no registrations.
func (s *Server) dropLocked(p *port) {
	delete(s.registry.ports, p.number)
	p.listener.Close()
	s.config.Log.Info().Int("port", p.number).Msg("port closed")
}

// remove takes a registration out and returns the connections that used it. Removing what is not there, such as a
// registration whose port was lost, does nothing.
func (s *Server) remove(r *Registration) []*conn {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	p := r.port
	for i, other := range p.registrations {
		if other != r {
			continue
		}
		p.registrations = append(append([]*Registration(nil), p.registrations[:i]...), p.registrations[i+1:]...)
		members := r.clearLocked()
		s.closeUnusedLocked(p)
		return members
	}
	return nil
}

// clearLocked forgets the members and returns them.
func (r *Registration) clearLocked() []*conn {
	members := make([]*conn, 0, len(r.members))
	for c := range r.members {
		members = append(members, c)
	}
	clear(r.members)
	r.used.Store(false)
	return members
}

// lost handles a port whose listener failed for good: everybody who uses it is told.
func (s *Server) lost(p *port, cause error) {
	s.registry.mu.Lock()
	if s.registry.ports[p.number] == p {
		delete(s.registry.ports, p.number)
	}
	registrations := p.registrations
	p.registrations = nil
	var members []*conn
	for _, r := range registrations {
		members = append(members, r.clearLocked()...)
	}
	s.registry.mu.Unlock()
	for _, c := range members {
		c.withdraw("The port was lost.")
	}
	for _, r := range registrations {
		r.registrant.Lost(workflow.Temporary(fmt.Errorf("port %d was lost: %w", p.number, cause)))
	}
}

// connected counts a connection of the port; disconnected is its counterpart.
func (s *Server) connected(p *port) {
	s.registry.mu.Lock()
	p.connections++
	s.registry.mu.Unlock()
}

func (s *Server) disconnected(p *port) {
	s.registry.mu.Lock()
	p.connections--
	s.closeUnusedLocked(p)
	s.registry.mu.Unlock()
}

// find returns the registration for a path behind the prefix of all, such as live/cam1, and splits the path into app and
// key. Where two registrations take it, an update is under way and the older one counts until it goes. hasApp reports
// whether at least the app is known.
func (s *Server) find(p *port, path string) (r *Registration, key string, hasApp bool) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	for _, candidate := range p.registrations {
		rest, ok := strings.CutPrefix(path, candidate.request.App+"/")
		if !ok || rest == "" {
			continue
		}
		hasApp = true
		// Of an app and another that is the beginning of its name, the longer one is meant.
		if access.Takes(candidate.request.Key, rest) && (r == nil || len(candidate.request.App) > len(r.request.App)) {
			r, key = candidate, rest
		}
	}
	return r, key, hasApp
}

// join makes a connection a viewer of a key by a registration that find returned, and reports false if that has been
// withdrawn meanwhile. Channel and output are counted for it.
func (s *Server) join(c *conn, r *Registration, key string, f format) (*Channel, *output, bool) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	for _, present := range r.port.registrations {
		if present == r {
			r.members[c] = struct{}{}
			r.used.Store(true)
			ch := r.channelLocked(key)
			return ch, ch.useLocked(f), true
		}
	}
	return nil, nil, false
}

// follow makes a viewer of an output that is over one of the output that has taken its place.
func (s *Server) follow(ch *Channel, o *output) *output {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	o.leaveLocked()
	return ch.useLocked(o.format)
}

// leave ends a connection's use of a registration and an output, for whatever reason.
func (s *Server) leave(c *conn, r *Registration, o *output) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	o.leaveLocked()
	delete(r.members, c)
	r.used.Store(len(r.members) > 0)
}

// shows returns the channel of a key, or nil if nobody feeds or watches it. The caller does not hold it.
func (s *Server) shows(r *Registration, key string) *Channel {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return r.channels[key]
}
