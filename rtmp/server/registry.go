package server

import (
	"errors"
	"fmt"
	"sync"

	"mmids/engine/access"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/watch"
	"mmids/engine/workflow"
)

// registry knows every port, app, registration, live key and channel. Its lock guards all of them.
type registry struct {
	mu    sync.Mutex
	ports map[int]*port // by index
}

// port is an open port. It lives as long as it has registrations or connections.
type port struct {
	index         int // its number, or internalPort
	number        int
	tls           bool
	listener      *tcp.Port
	apps          map[string]*app
	registrations int
	connections   int
}

// heldBy reports whether all registrations of the port are a workflow's.
func (p *port) heldBy(workflow string) bool {
	for _, a := range p.apps {
		for _, list := range a.lists {
			for _, r := range list {
				if r.request.Owner.Workflow != workflow {
					return false
				}
			}
		}
	}
	return true
}

// app is an RTMP application on one port. It lives as long as it has registrations.
type app struct {
	lists [2][]*Registration       // by kind, oldest first
	live  map[string]livePublisher // by key
}

// livePublisher is who publishes a key. Its zero value is nobody.
type livePublisher struct {
	conn   *conn
	stream media.StreamID
	live   *live
}

type kind int

const (
	forPublishers kind = iota
	forWatchers
)

func (k kind) String() string {
	if k == forPublishers {
		return "publishers"
	}
	return "viewers"
}

// TakenError refuses a registration because another one has its port, app and key.
type TakenError struct {
	Kind     string // publishers or viewers
	Port     int
	App, Key string // of the registration that is in the way
	Workflow string // that holds it
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("workflow %q already takes %s for app %q, stream key %q on port %d", e.Workflow, e.Kind, e.App, e.Key, e.Port)
}

// add enters a registration. Registrations of one kind exclude each other where a key could belong to both. The exception
// is an instance of the same workflow that is about to go: then both are in the list, and the older one is served
// until it is removed.
func (s *Server) add(r *Registration) error {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	p, err := s.openLocked(r.request.portIndex(), r.request.TLS && !r.request.Internal)
	if clash := (*watch.TLSError)(nil); errors.As(err, &clash) {
		clash.Own = s.registry.ports[r.request.portIndex()].heldBy(r.request.Owner.Workflow)
	}
	if err != nil {
		return err
	}
	a := p.apps[r.request.App]
	if a == nil {
		a = &app{live: make(map[string]livePublisher)}
		p.apps[r.request.App] = a
	}
	for _, other := range a.lists[r.kind] {
		if access.Overlap(other.request.Key, r.request.Key) && !other.yieldsTo(r) {
			s.closeUnusedLocked(p, r.request.App)
			return &TakenError{
				Kind: r.kind.String(), Port: p.number, App: r.request.App,
				Key: other.request.Key, Workflow: other.request.Owner.Workflow,
			}
		}
	}
	a.lists[r.kind] = append(a.lists[r.kind], r)
	r.port = p
	p.registrations++
	return nil
}

// internalPort is the index of the port for the server's own helpers: on the loopback address, with a number that the
// kernel chooses.
const internalPort = 0

// openLocked returns the port, bound if it was not.
func (s *Server) openLocked(index int, withTLS bool) (*port, error) {
	if withTLS && s.config.TLS == nil {
		return nil, ErrNoCertificate
	}
	switch p := s.registry.ports[index]; {
	case p == nil:
	case p.tls == withTLS:
		return p, nil
	case p.registrations > 0:
		return nil, &watch.TLSError{Port: p.number, TLS: p.tls, Option: "rtmps"}
	default: // it only waits for the last connections of steps that are gone; they do without it
		s.dropLocked(p)
	}
	address := s.config.BindAddress
	if index == internalPort {
		address = "127.0.0.1"
	}
	p := &port{index: index, tls: withTLS, apps: make(map[string]*app)}
	config := tcp.PortConfig{
		Accept: func(c *tcp.Conn) tcp.Handler { return s.accept(p, c) },
		Lost:   func(err error) { s.lost(p, err) },
		Exempt: index == internalPort,
	}
	if withTLS {
		config.TLS = s.config.TLS
	}
	listener, err := watch.OpenPort(s.sockets, address, index, config)
	if err != nil {
		return nil, err
	}
	p.listener, p.number = listener, listener.Number() // accept takes the registry's lock before it looks at them
	s.registry.ports[index] = p
	s.config.Log.Info().Int("port", p.number).Bool("internal", index == internalPort).Bool("use_tls", withTLS).Msg("port opened")
	return p, nil
}

// closeUnusedLocked drops the app and the port if nothing needs them any more.
func (s *Server) closeUnusedLocked(p *port, appName string) {
	if a := p.apps[appName]; a != nil && len(a.lists[forPublishers])+len(a.lists[forWatchers]) == 0 {
		delete(p.apps, appName)
	}
	if p.registrations > 0 || p.connections > 0 || s.registry.ports[p.index] != p {
		return
	}
	s.dropLocked(p)
}

// dropLocked closes a port that has no registrations.
func (s *Server) dropLocked(p *port) {
	delete(s.registry.ports, p.index)
	p.listener.Close()
	s.config.Log.Info().Int("port", p.number).Msg("port closed")
}

// remove takes a registration out and returns the connections that used it. Removing what is not there, such as a
// registration whose port was lost, does nothing.
func (s *Server) remove(r *Registration) []*conn {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	p := r.port
	if s.registry.ports[p.index] != p {
		return nil
	}
	a := p.apps[r.request.App]
	if a == nil {
		return nil
	}
	list := a.lists[r.kind]
	for i, other := range list {
		if other != r {
			continue
		}
		a.lists[r.kind] = append(append([]*Registration(nil), list[:i]...), list[i+1:]...)
		p.registrations--
		members := make([]*conn, 0, len(r.members))
		for c := range r.members {
			members = append(members, c)
		}
		clear(r.members)
		s.closeUnusedLocked(p, r.request.App)
		return members
	}
	return nil
}

// lost handles a port whose listener failed for good: everybody who uses it is told.
func (s *Server) lost(p *port, cause error) {
	s.registry.mu.Lock()
	if s.registry.ports[p.index] == p {
		delete(s.registry.ports, p.index)
	}
	var registrations []*Registration
	var members []*conn
	for _, a := range p.apps {
		for _, list := range a.lists {
			for _, r := range list {
				registrations = append(registrations, r)
				for c := range r.members {
					members = append(members, c)
				}
				clear(r.members)
			}
		}
	}
	clear(p.apps)
	p.registrations = 0
	s.registry.mu.Unlock()
	for _, c := range members {
		c.withdraw("The port was lost.")
	}
	for _, r := range registrations {
		r.registrant.Lost(workflow.Temporary(fmt.Errorf("port %d was lost: %w", p.number, cause)))
	}
}

// Registrant is who registers, as the endpoint needs it. Both methods may be called from any goroutine and must not
// block.
type Registrant interface {
	// Deliver hands over media of publishers, with a count on each payload. batch is reused after the call.
	Deliver(batch []media.Notification)
	// Lost says that the registration has ended without being closed.
	Lost(err error)
}
