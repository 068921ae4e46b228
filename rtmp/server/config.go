package server

import (
	"crypto/tls"
	"time"

	"github.com/rs/zerolog"

	"mmids/amf"
	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/rtmp/chunk"
)

// Config holds what an operator can choose. Its zero value works.
type Config struct {
	// BindAddress is the address that ports are opened on. Empty means all IPv4 and IPv6 addresses.
	BindAddress string

	// TLS has the certificate for ports with RTMPS. Nil means that there can be none.
	TLS *tls.Config

	// HandshakeTimeout bounds the time from the opening of the connection to the end of the handshake. Zero means 10 s.
	HandshakeTimeout time.Duration

	// ConnectTimeout bounds the time from there to an accepted connect. Zero means 10 s.
	ConnectTimeout time.Duration

	// FirstRequestTimeout bounds the time from connect to the first publish or play. Zero means 15 s.
	FirstRequestTimeout time.Duration

	// ApprovalTimeout bounds how long a client waits for an approver's first answer, until it is refused. Zero means 60 s.
	ApprovalTimeout time.Duration

	// IdleTimeout bounds how long a client that has published or played may do neither. Zero means 30 s.
	IdleTimeout time.Duration

	// PublishTimeout is how long a publisher may be silent, also in answer to a ping, until it counts as dead: it is
	// removed, and another publisher may take its key. Zero means 10 s.
	PublishTimeout time.Duration

	// ReturnTimeout is how long viewers of a stream that ended wait for it to return before they are told
	// NetStream.Play.UnpublishNotify, at which most players stop. Zero means 30 s.
	ReturnTimeout time.Duration

	// ViewerTimeout is how long a viewer may take nothing of what is there for it. Zero means 60 s.
	ViewerTimeout time.Duration

	// Loops, unless nil, is shared with other endpoints that open their ports on the same sockets, see watch.Loops.
	Loops []*fanout.Loop

	// Fanout bounds the wire log of each stream.
	Fanout fanout.Config

	// Chunk bounds what a peer can make the chunk reader allocate.
	Chunk chunk.Limits

	// AMF bounds the values of one command or data message. A field that is zero has the default of package amf.
	AMF amf.Limits

	// UnacceptedBytesMax bounds the bytes that come from a client before its publish or play is accepted, and of a viewer
	// those of one second. So much may also be in its incomplete messages. Zero means 4 MiB: clients say a few KiB, and
	// some publishers send media while a reactor is still being asked.
	UnacceptedBytesMax int

	// CommandsPerSecondMax bounds the commands of a client. Zero means 100: clients send ten when they begin.
	CommandsPerSecondMax int

	// Limits counts who wanted more. Nil counts nothing.
	Limits *limits.Counters

	// News hears of streams and viewers that come and go. Nil means that nobody does.
	News figures.News

	// Labels are the pairs of workflow and app that have sums of their own, shared with other endpoints. Nil means 100 that
	// are not shared.
	Labels *figures.Labels

	Log zerolog.Logger
}

func (c Config) withDefaults() Config {
	fill := func(field *time.Duration, value time.Duration) {
		if *field <= 0 {
			*field = value
		}
	}
	fill(&c.HandshakeTimeout, 10*time.Second)
	fill(&c.ConnectTimeout, 10*time.Second)
	fill(&c.FirstRequestTimeout, 15*time.Second)
	fill(&c.ApprovalTimeout, time.Minute)
	fill(&c.IdleTimeout, 30*time.Second)
	fill(&c.PublishTimeout, 10*time.Second)
	fill(&c.ReturnTimeout, 30*time.Second)
	fill(&c.ViewerTimeout, time.Minute)
	c.Chunk = c.Chunk.WithDefaults()
	if c.UnacceptedBytesMax <= 0 {
		c.UnacceptedBytesMax = 4 << 20
	}
	if c.CommandsPerSecondMax <= 0 {
		c.CommandsPerSecondMax = 100
	}
	if c.News == nil {
		c.News = figures.Nobody{}
	}
	return c
}

// chunkSize is the chunk size of everything the server sends. Larger chunks save a byte per chunk and break simple
// players.
const chunkSize = 4096

// scriptBytesMax bounds a stream's description and any other script data, which every newcomer is sent.
const scriptBytesMax = 64 << 10
