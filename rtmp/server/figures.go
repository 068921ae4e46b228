package server

import (
	"context"
	"time"

	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/watch"
)

const protocol = "rtmp"

var _ figures.Endpoint = (*Server)(nil)

// live is a stream that comes in, for whoever looks at it from outside. All but the meter is fixed.
type live struct {
	identity figures.Stream
	label    figures.Label
	began    time.Time
	counted  bool // it is not what comes back from a helper of the server under an id that it had before
	meter    figures.Meter
}

func (c *conn) newLive(r *Registration, key string, stream media.StreamID) *live {
	l := &live{
		identity: figures.Stream{
			ID: string(stream), Port: c.port.number, App: c.app, Key: key, Workflow: r.request.Owner.Workflow,
			ConnectionID: c.tcp.ID(), Client: c.client, RemoteAddress: c.tcp.Remote().String(),
		},
		label:   figures.Label{Workflow: r.request.Owner.Workflow, App: c.app},
		began:   time.Now(),
		counted: r.request.StreamID == "",
	}
	if r.request.Internal { // the app is made up for one step
		l.identity.Port, l.identity.App, l.label.App = 0, "", "(ffmpeg)"
	}
	return l
}

func (l *live) figures() figures.Stream {
	s := l.identity
	s.Seconds = time.Since(l.began).Seconds()
	l.meter.Figures(&s)
	return s
}

// beginLive and endLive frame what is measured of a stream.
func (c *conn) beginLive() {
	l := c.publishing.live
	if !l.counted {
		return
	}
	c.server.totals.Add(l.label, figures.Counts{Streams: 1})
	s := l.figures()
	s.Outputs = []figures.Output{}
	c.server.config.News.Post(figures.StreamStarted, s)
}

func (c *conn) endLive(reason string) {
	c.tickLive(time.Now())
	if l := c.publishing.live; l.counted {
		c.server.config.News.Post(figures.StreamEnded, figures.Ended{ID: l.identity.ID, Key: l.identity.Key, Reason: reason})
	}
}

// tickLive makes known what has come since the last tick.
func (c *conn) tickLive(now time.Time) {
	l := c.publishing.live
	more := l.meter.Tick(now)
	if l.counted {
		c.server.totals.Add(l.label, more)
	}
}

// Streams implements figures.Endpoint.
func (s *Server) Streams(dst []figures.Stream) []figures.Stream {
	s.registry.mu.Lock()
	var all []*live
	for _, p := range s.registry.ports {
		for _, a := range p.apps {
			for _, by := range a.live {
				if by.live != nil && by.live.counted {
					all = append(all, by.live)
				}
			}
		}
	}
	s.registry.mu.Unlock()
	for _, l := range all {
		dst = append(dst, l.figures())
	}
	return dst
}

// Outputs implements figures.Endpoint.
func (s *Server) Outputs(dst []figures.Output) []figures.Output {
	for _, ch := range s.shownChannels() {
		r, o := ch.registration, watch.Output(protocol, ch.log.Stats(), ch.stream.Load())
		o.Workflow, o.Port, o.TLS, o.App, o.Key = r.request.Owner.Workflow, r.port.number, r.port.tls, r.request.App, ch.key
		dst = append(dst, o)
	}
	return dst
}

// shownChannels returns the channels that clients from outside can watch.
func (s *Server) shownChannels() (all []*Channel) {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	for _, p := range s.registry.ports {
		if p.index == internalPort {
			continue
		}
		for _, a := range p.apps {
			for _, r := range a.lists[forWatchers] {
				for _, ch := range r.channels {
					all = append(all, ch)
				}
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
	f := watch.Connection(c.tcp, protocol, c.client, c.opened, c.reader.BytesRead())
	if c.accepted {
		f.App = c.app
	}
	switch {
	case c.publishing != nil:
		f.State, f.Key, f.StreamID = figures.Publishing, c.publishing.key, string(c.publishing.stream)
	case c.watching != nil:
		f.State, f.Key, f.Skips = figures.Watching, c.watching.key, c.watching.viewer.Skips()
		if id := c.watching.channel.stream.Load(); id != nil {
			f.StreamID = string(*id)
		}
	}
	if c.port.index == internalPort {
		f.App, f.Key = "", "" // secrets between the server and its helpers
	}
	return f
}

// Totals returns what was received and sent since the start, by workflow and app. None of it ever goes back.
func (s *Server) Totals() figures.Sums {
	s.registry.mu.Lock() // a channel that ends is counted in one of the two, see Channel.release
	defer s.registry.mu.Unlock()
	all := s.totals.All()
	for _, p := range s.registry.ports {
		for _, a := range p.apps {
			for _, r := range a.lists[forWatchers] {
				for _, ch := range r.channels {
					all.Add(ch.label(), watch.Sent(ch.log))
				}
			}
		}
	}
	return all
}

func (ch *Channel) label() figures.Label {
	r := &ch.registration.request
	if r.Internal {
		return figures.Label{Workflow: r.Owner.Workflow, App: "(ffmpeg)"}
	}
	return figures.Label{Workflow: r.Owner.Workflow, App: r.App}
}

// tellOfViewer posts that a viewer has come or gone, unless it is a helper of the server.
func (c *conn) tellOfViewer(event string, r *Registration, key, reason string) {
	if r.request.Internal {
		return
	}
	c.server.config.News.Post(event, figures.Viewer{
		ConnectionID: c.tcp.ID(), Protocol: protocol, Workflow: r.request.Owner.Workflow, Port: c.port.number,
		App: c.app, Key: key, Reason: reason,
	})
}

// FlushWait is how long news waits at present on a loop, as far as no step says otherwise.
func (s *Server) FlushWait(loop int) time.Duration { return s.fanouts[loop].FlushWait(s.config.Fanout) }
