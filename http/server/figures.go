package server

import (
	"context"
	"net/url"

	"mmids/engine/figures"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

// protocol is what figures call the connections of this endpoint.
const protocol = "http"

// Streams implements figures.Endpoint: none come in here.
func (s *Server) Streams(dst []figures.Stream) []figures.Stream { return dst }

// Outputs implements figures.Endpoint.
func (s *Server) Outputs(dst []figures.Output) []figures.Output {
	for _, ch := range s.allChannels() {
		r, o := ch.registration, watch.Output(protocol, ch.Stats().Stats, ch.stream.Load())
		o.Workflow, o.Port, o.TLS, o.App, o.Key = r.request.Owner.Workflow, r.port.number, r.port.tls, r.request.App, ch.key
		path := (&url.URL{Path: pathPrefix + o.App + "/" + o.Key}).EscapedPath()
		o.Paths = []string{path + ".flv", path + ".mp4"}
		dst = append(dst, o)
	}
	return dst
}

func (s *Server) allChannels() (all []*Channel) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	for _, p := range s.registry.ports {
		for _, r := range p.registrations {
			for _, ch := range r.channels {
				all = append(all, ch)
			}
		}
	}
	return all
}

// Connections implements figures.Endpoint.
func (s *Server) Connections(ctx context.Context, dst []figures.Connection, limit int) []figures.Connection {
	return watch.Connections(ctx, s.sockets, dst, limit, func(t *tcp.Conn) (f figures.Connection, ok bool) {
		c, ok := t.Handler().(*conn)
		if ok = ok && c.server == s; ok {
			f = c.figures()
		}
		return f, ok
	})
}

// figures is what the connection is and does. Loop only.
func (c *conn) figures() figures.Connection {
	f := watch.Connection(c.tcp, protocol, c.client, c.opened, c.received)
	if w := c.watching; w != nil {
		f.State, f.App, f.Key = figures.Watching, c.wanted.app, c.wanted.key
		if w.viewer != nil {
			f.Skips = w.viewer.Skips()
		}
		if id := w.channel.stream.Load(); id != nil {
			f.StreamID = string(*id)
		}
	}
	return f
}

// Totals returns what was sent since the start, by workflow and app. None of it ever goes back.
func (s *Server) Totals() figures.Sums {
	s.registry.mu.Lock() // a channel that ends is counted in one of the two, see Channel.release
	defer s.registry.mu.Unlock()
	all := s.totals.All()
	for _, p := range s.registry.ports {
		for _, r := range p.registrations {
			for _, ch := range r.channels {
				all.Add(ch.label(), ch.sentLocked())
			}
		}
	}
	return all
}

func (ch *Channel) label() figures.Label {
	r := &ch.registration.request
	return figures.Label{Workflow: r.Owner.Workflow, App: r.App}
}

// tellOfViewer posts that a viewer has come or gone.
func (c *conn) tellOfViewer(event string, r *Registration, reason string) {
	c.server.config.News.Post(event, figures.Viewer{
		ConnectionID: c.tcp.ID(), Protocol: protocol, Workflow: r.request.Owner.Workflow, Port: c.port.number,
		App: c.wanted.app, Key: c.wanted.key, Reason: reason,
	})
}
