package server

import (
	"context"
	"time"

	"mmids/engine/figures"
	"mmids/engine/tcp"
)

// protocol is what figures call the connections of this endpoint.
const protocol = "http"

// Streams implements figures.Endpoint: none come in here.
func (s *Server) Streams(dst []figures.Stream) []figures.Stream { return dst }

// Outputs implements figures.Endpoint.
func (s *Server) Outputs(dst []figures.Output) []figures.Output {
	for _, ch := range s.allChannels() {
		stats := ch.Stats()
		r := ch.registration
		path := pathPrefix + r.request.App + "/" + ch.key
		o := figures.Output{
			Protocol: protocol, Workflow: r.request.Owner.Workflow, Port: r.port.number, TLS: r.port.tls,
			App: r.request.App, Key: ch.key, Paths: []string{path + ".flv", path + ".mp4"},
			Viewers: stats.Viewers, BytesSent: stats.Sent, Skips: stats.Skips, SkippedBytes: stats.SkippedBytes,
			BehindBytes: stats.Behind, FlushMS: float64(stats.FlushWait) / float64(time.Millisecond),
		}
		if id := ch.stream.Load(); id != nil {
			o.StreamID = string(*id)
		}
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

// Connections implements figures.Endpoint. The loops, which own the connections, are asked one after the other.
func (s *Server) Connections(ctx context.Context, dst []figures.Connection, limit int) []figures.Connection {
	s.sockets.Visit(ctx, func(t *tcp.Conn) bool {
		if c, ok := t.Handler().(*conn); ok && c.server == s && len(dst) < limit {
			dst = append(dst, c.figures())
		}
		return len(dst) < limit
	})
	return dst
}

// figures is what the connection is and does. Loop only.
func (c *conn) figures() figures.Connection {
	f := figures.Connection{
		ID: c.tcp.ID(), Port: c.port.number, Protocol: protocol, RemoteAddress: c.tcp.Remote().String(), Client: c.client,
		State: figures.Connected, Seconds: time.Since(c.opened).Seconds(), BytesReceived: c.received, BytesSent: c.tcp.BytesSent(),
	}
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
