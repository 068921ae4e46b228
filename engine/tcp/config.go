package tcp

import (
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/limits"
)

// Config holds what an operator can choose. Its zero value works.
type Config struct {
	// Loops is the number of event loops. Zero means one for each CPU.
	Loops int

	// ConnectionsMax bounds open connections over all ports. Zero means 50,000: at the 4 KB a connection
	// costs here that is 200 MB. More are closed as soon as they are accepted.
	ConnectionsMax int

	// ConnectionsPerAddressMax bounds connections from one address; of IPv6, from the 64-bit network that one customer
	// has. Zero means no limit of its own: a large audience often stands behind one address.
	ConnectionsPerAddressMax int

	// PendingBytesMax bounds control bytes that a peer has not taken; beyond it the connection is closed. Zero
	// means 1 MiB, which holds the largest metadata many times over.
	PendingBytesMax int

	// Linger is how long a connection that was closed with a last message may take to read it and close. Zero
	// means 3 s.
	Linger time.Duration

	// TLSHandshakeTimeout bounds the handshake of a connection to a port with TLS. Zero means 10 s.
	TLSHandshakeTimeout time.Duration

	// RefusalLinesMax bounds the log lines of each port about clients that are refused or break rules, per second.
	// Zero means 10. The others are counted in one line.
	RefusalLinesMax int

	// Limits counts what was refused. Nil counts nothing.
	Limits *limits.Counters

	Log zerolog.Logger
}

func (c Config) withDefaults() Config {
	if c.Loops <= 0 {
		c.Loops = runtime.NumCPU()
	}
	if c.ConnectionsMax <= 0 {
		c.ConnectionsMax = 50_000
	}
	if c.PendingBytesMax <= 0 {
		c.PendingBytesMax = 1 << 20
	}
	if c.Linger <= 0 {
		c.Linger = 3 * time.Second
	}
	if c.TLSHandshakeTimeout <= 0 {
		c.TLSHandshakeTimeout = 10 * time.Second
	}
	return c
}

const (
	// readBufferBytes is what one read takes from a socket at most, per loop. 256 KB is 88 KB on average for a
	// sender at full speed, so a busy publisher costs few reads.
	readBufferBytes = 256 << 10

	// tickInterval is how often each connection's Handler.Tick is called.
	tickInterval = time.Second

	// retryInterval is how long work waits that a full socket stopped, unless something else brings it up sooner.
	retryInterval = 25 * time.Millisecond

	// visitBudget is how many writes a loop makes for marked tasks before it looks at its sockets again: 64 of
	// about 10 µs keep a received byte waiting for less than a millisecond.
	visitBudget = 64

	// enrolmentsMax bounds connections that have been accepted and not yet reached their loop. Accepting pauses
	// beyond it, and the kernel's backlog takes over.
	enrolmentsMax = 1024

	// enrolmentsSweep is after how many more of them those are forgotten that have arrived.
	enrolmentsSweep = 64

	// notSentBytes bounds what the kernel queues beyond what is in flight, so that a slow viewer's backlog stays
	// where we can still skip it.
	notSentBytes = 128 << 10

	// userTimeout ends a connection whose peer acknowledges nothing of what was sent.
	userTimeout = 20 * time.Second
)
