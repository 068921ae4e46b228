package server

import (
	"crypto/tls"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/limits"
)

// Config holds what an operator can choose. Its zero value works.
type Config struct {
	// BindAddress is the address that ports are opened on. Empty means all IPv4 and IPv6 addresses.
	BindAddress string

	// TLS has the certificate for ports with HTTPS. Nil means that there can be none.
	TLS *tls.Config

	// RequestTimeout bounds the time until a client has sent its request. Zero means 10 s.
	RequestTimeout time.Duration

	// RequestBytesMax bounds the head of a request. Zero means 8 KiB.
	RequestBytesMax int

	// ApprovalTimeout bounds how long a client waits for an approver's first answer, until it is refused. Zero means 60 s.
	ApprovalTimeout time.Duration

	// ReturnTimeout is how long viewers wait for a stream that has not begun, or has ended and may return. Zero means 30 s.
	ReturnTimeout time.Duration

	// IdleTimeout is how long a format goes on being made that nobody watches any more. Zero means 10 s: whoever loads a page
	// again finds it as it was.
	IdleTimeout time.Duration

	// ViewerTimeout is how long a viewer may take nothing of what is there for it. Zero means 60 s.
	ViewerTimeout time.Duration

	// ViewerBytesMax bounds what a viewer may send in a second: on a WebSocket it answers pings and says when it goes.
	// Zero means 4 MiB.
	ViewerBytesMax int

	// PingsMax bounds the pings that a viewer on a WebSocket may send in a second: each answer is a write. Zero means 100.
	PingsMax int

	// Loops, unless nil, is shared with other endpoints that open their ports on the same sockets, see watch.Loops.
	Loops []*fanout.Loop

	// Fanout bounds the wire logs of each stream.
	Fanout fanout.Config

	// News hears of viewers that come and go. Nil means that nobody does.
	News figures.News

	// LabelsMax bounds the pairs of workflow and app that have sums of their own. Zero means 100.
	LabelsMax int

	// Limits counts who wanted more. Nil counts nothing.
	Limits *limits.Counters

	Log zerolog.Logger
}

func (c Config) withDefaults() Config {
	fill := func(field *time.Duration, value time.Duration) {
		if *field <= 0 {
			*field = value
		}
	}
	if c.News == nil {
		c.News = figures.Nobody{}
	}
	fill(&c.RequestTimeout, 10*time.Second)
	fill(&c.ApprovalTimeout, time.Minute)
	fill(&c.ReturnTimeout, 30*time.Second)
	fill(&c.IdleTimeout, 10*time.Second)
	fill(&c.ViewerTimeout, time.Minute)
	if c.RequestBytesMax <= 0 {
		c.RequestBytesMax = 8 << 10
	}
	if c.ViewerBytesMax <= 0 {
		c.ViewerBytesMax = 4 << 20
	}
	if c.PingsMax <= 0 {
		c.PingsMax = 100
	}
	return c
}
