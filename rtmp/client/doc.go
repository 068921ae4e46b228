// Package client publishes to RTMP servers and plays from them, with calls that block: for pushing and pulling streams,
// for load and for tests. The rules of the conversation are those of package session; this package adds a connection.
//
//	p, err := client.Publish(ctx, "rtmp://host/live/cam1", client.Config{})
//	err = p.WriteMedia(message.TypeVideo, 0, sequenceHeader)
//
//	p, err := client.Play(ctx, "rtmp://host/live/cam1", client.Config{})
//	m, err := p.Read()
//
// A server that refuses shows as a [*session.RefusedError].
package client

import (
	"context"
	"net"
	"time"

	"mmids/rtmp/session"
)

// Config has a zero value that works.
type Config struct {
	// Timeout bounds everything up to the server's answer to publish or play, and each later write. Zero means 10 s.
	Timeout time.Duration
	// Dial opens the connection. Nil means with a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// ChunkSize is what is sent in chunks of, in bytes. Zero means 4096.
	ChunkSize uint32
	// Capabilities are what of Enhanced RTMP is announced to the server. Nil means all of it, for who takes every codec as it
	// comes; an empty value announces nothing.
	Capabilities *session.Capabilities
}

// timeoutDefault is more than a server may need that asks elsewhere whether a client may publish.
const timeoutDefault = 10 * time.Second

func (c Config) withDefaults() Config {
	if c.Timeout == 0 {
		c.Timeout = timeoutDefault
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	return c
}
