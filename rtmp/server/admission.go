package server

import (
	"mmids/engine/access"
	"mmids/rtmp/session"
)

// hasApp reports whether anybody has registered for an app on the port.
func (s *Server) hasApp(p *port, name string) bool {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return p.apps[name] != nil
}

// find returns the registration that a key belongs to. Where two take it, an update is under way and the older one
// counts until it goes.
func (a *app) find(k kind, key string) *Registration {
	for _, r := range a.lists[k] {
		if access.Takes(r.request.Key, key) {
			return r
		}
	}
	return nil
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
	s.closeUnusedLocked(p, "")
	s.registry.mu.Unlock()
}

// leave ends a connection's use of a registration, for whatever reason. Only its own entries are removed.
func (s *Server) leave(c *conn, r *Registration, key string) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	delete(r.members, c)
	r.used.Store(len(r.members) > 0)
	if a := r.port.apps[r.request.App]; a != nil && a.live[key].conn == c {
		delete(a.live, key)
	}
}

// mayPublish returns the registration that a publisher's key belongs to, or says why the connection may not publish it.
// dead is a publisher that has been silent for too long and loses the key to this one.
func (s *Server) mayPublish(c *conn, key string) (r *Registration, dead livePublisher, no *refusal) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return s.mayPublishLocked(c, key)
}

func (s *Server) mayPublishLocked(c *conn, key string) (r *Registration, dead livePublisher, no *refusal) {
	a := c.port.apps[c.app]
	if a == nil {
		return nil, livePublisher{}, refuseApp(c.app, c.port.number)
	}
	r = a.find(forPublishers, key)
	if r == nil {
		return nil, livePublisher{}, refusePublishKey(c.app, key)
	}
	if !r.request.Rule.Allows(c.tcp.Remote().Addr()) { // before anything is said of what others publish
		return nil, livePublisher{}, refusePublishAddress(c.tcp.Remote().Addr())
	}
	if dead = a.live[key]; dead.conn != nil && !dead.conn.silentFor(s.config.PublishTimeout) {
		return nil, livePublisher{}, refuseBusy(key)
	}
	return r, dead, nil
}

// claim makes a connection the publisher of a key by a registration that mayPublish returned, or says why not: of
// several that waited for their approval, the first one has the key.
func (s *Server) claim(c *conn, by *Registration, key string, publisher livePublisher) (dead livePublisher, no *refusal) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	r, dead, no := s.mayPublishLocked(c, key)
	switch {
	case no != nil:
		return livePublisher{}, no
	case r != by:
		return livePublisher{}, refuseChanged(session.CodePublishFailed)
	case dead.conn != nil:
		delete(r.members, dead.conn)
	}
	r.port.apps[c.app].live[key] = publisher
	r.members[c] = struct{}{}
	return dead, nil
}

// mayPlay returns the registration that a viewer's key belongs to, or says why the connection may not play it.
func (s *Server) mayPlay(c *conn, key string) (*Registration, *refusal) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return s.mayPlayLocked(c, key)
}

func (s *Server) mayPlayLocked(c *conn, key string) (*Registration, *refusal) {
	a := c.port.apps[c.app]
	if a == nil {
		return nil, refuseApp(c.app, c.port.number)
	}
	r := a.find(forWatchers, key)
	if r == nil {
		return nil, refusePlayKey(c.app, key)
	}
	if !r.request.Rule.Allows(c.tcp.Remote().Addr()) {
		return nil, refusePlayAddress(c.tcp.Remote().Addr())
	}
	return r, nil
}

// join makes a connection a viewer of a key by a registration that mayPlay returned, or says why not. The channel is
// counted for it; first says that nobody has watched it before.
func (s *Server) join(c *conn, by *Registration, key string) (ch *Channel, first bool, no *refusal) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	r, no := s.mayPlayLocked(c, key)
	switch {
	case no != nil:
		return nil, false, no
	case r != by:
		return nil, false, refuseChanged(session.CodePlayFailed)
	}
	r.members[c] = struct{}{}
	r.used.Store(true)
	ch = r.channelLocked(key)
	first, ch.watched = !ch.watched, true
	return ch, first, nil
}
