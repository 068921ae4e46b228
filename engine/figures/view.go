package figures

import (
	"cmp"
	"context"
	"slices"
)

// Endpoint is what takes streams in or shows them. All methods may be called from any goroutine.
type Endpoint interface {
	// Streams appends the live streams that have come in by the endpoint, without their outputs.
	Streams(dst []Stream) []Stream
	// Outputs appends where viewers can watch, with and without a stream, but not the feeds of the server's own helpers.
	Outputs(dst []Output) []Output
	// Connections appends connections until there are limit in dst, or ctx ends.
	Connections(ctx context.Context, dst []Connection, limit int) []Connection
}

// View is all endpoints of a server together.
type View []Endpoint

// Streams returns all live streams with their outputs, in the order of port, app and key.
func (v View) Streams() []Stream {
	streams := []Stream{}
	var outputs []Output
	for _, e := range v {
		streams = e.Streams(streams)
		outputs = e.Outputs(outputs)
	}
	slices.SortFunc(streams, func(a, b Stream) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.App, b.App), cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	})
	index := make(map[string]int, len(streams))
	for i := range streams {
		streams[i].Outputs = []Output{}
		index[streams[i].ID] = i
	}
	for _, o := range outputs {
		i, shown := index[o.StreamID]
		if !shown {
			continue // waiting for its stream, or the stream comes from elsewhere
		}
		s := &streams[i]
		if s.BitsPerSecond > 0 {
			o.LagMS = float64(o.BehindBytes) * 8 / s.BitsPerSecond * 1000
		}
		s.Viewers += o.Viewers
		s.Outputs = append(s.Outputs, o)
	}
	for i := range streams {
		slices.SortFunc(streams[i].Outputs, func(a, b Output) int {
			return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(a.App, b.App), cmp.Compare(a.Key, b.Key))
		})
	}
	return streams
}

// Stream returns a live stream with its outputs, and reports whether there is one of this id.
func (v View) Stream(id string) (Stream, bool) {
	streams := v.Streams()
	if i := slices.IndexFunc(streams, func(s Stream) bool { return s.ID == id }); i >= 0 {
		return streams[i], true
	}
	return Stream{}, false
}

// Connections returns up to limit connections, in the order of their ports, the oldest first. When ctx ends, it is those
// that are known by then.
func (v View) Connections(ctx context.Context, limit int) []Connection {
	all := []Connection{}
	for _, e := range v {
		all = e.Connections(ctx, all, limit)
	}
	slices.SortFunc(all, func(a, b Connection) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.ID, b.ID))
	})
	return all
}
