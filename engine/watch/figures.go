package watch

import (
	"context"
	"time"

	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/tcp"
)

// Connections appends what the connections of an endpoint are and do to dst, which is to have no more than limit. describe
// says it of a connection, on its loop, and reports false for those of other endpoints. The loops, which own the
// connections, are asked one after the other.
func Connections(ctx context.Context, sockets *tcp.Manager, dst []figures.Connection, limit int, describe func(*tcp.Conn) (figures.Connection, bool)) []figures.Connection {
	sockets.Visit(ctx, func(t *tcp.Conn) bool {
		if len(dst) >= limit {
			return false
		}
		if c, ok := describe(t); ok {
			dst = append(dst, c)
		}
		return true
	})
	return dst
}

// Connection is what figures say of every connection, whatever it does. Loop only.
func Connection(t *tcp.Conn, protocol, client string, opened time.Time, received uint64) figures.Connection {
	return figures.Connection{
		ID: t.ID(), Port: t.PortNumber(), Protocol: protocol, RemoteAddress: t.Remote().String(), Client: client,
		State: figures.Connected, Seconds: time.Since(opened).Seconds(), BytesReceived: received, BytesSent: t.BytesSent(),
	}
}

// Output is what figures say of those who watch a stream, which is nil while there is none.
func Output(protocol string, s fanout.Stats, stream *media.StreamID) figures.Output {
	o := figures.Output{
		Protocol: protocol, Viewers: s.Viewers, BytesSent: s.Sent, Skips: s.Skips, SkippedBytes: s.SkippedBytes,
		BehindBytes: s.Behind, FlushMS: float64(s.FlushWait) / float64(time.Millisecond),
	}
	if stream != nil {
		o.StreamID = string(*stream)
	}
	return o
}

// Sent is what the viewers of a log have got.
func Sent(l *fanout.Log) figures.Counts {
	s := l.Stats()
	return figures.Counts{Sent: s.Sent, Skips: s.Skips, SkippedBytes: s.SkippedBytes}
}
