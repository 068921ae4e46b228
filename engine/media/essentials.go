package media

import "slices"

// essentialsMax bounds the sequence headers that are kept of a stream: one each for video and audio of four tracks.
const essentialsMax = 8

// Essentials is what a receiver that comes late needs of a live stream before its next packet: the newest metadata,
// which encoders send only once, and the newest sequence header of each kind, payload type and track, in the order of
// their arrival. It holds a count on each header. The zero value is empty.
type Essentials struct {
	stream   StreamID
	metadata *Metadata
	headers  []Notification
}

// Note keeps n if it is essential. n is borrowed.
func (e *Essentials) Note(n *Notification) {
	switch {
	case n.Event == MetadataChanged:
		e.stream, e.metadata = n.Stream, n.Metadata
	case n.Required():
		e.keep(n)
	}
}

func (e *Essentials) keep(n *Notification) {
	n.Retain()
	stale := slices.IndexFunc(e.headers, func(old Notification) bool {
		a, b := &old.Packet, &n.Packet
		return a.Kind == b.Kind && a.Type == b.Type && a.Track == b.Track
	})
	if stale < 0 && len(e.headers) == essentialsMax {
		stale = 0
	}
	if stale >= 0 {
		e.headers[stale].Release()
		e.headers = slices.Delete(e.headers, stale, stale+1)
	}
	e.headers = append(e.headers, *n)
}

// AppendTo appends all that is kept to dst, metadata first. The notifications are borrowed.
func (e *Essentials) AppendTo(dst []Notification) []Notification {
	if e.metadata != nil {
		dst = append(dst, Notification{Event: MetadataChanged, Stream: e.stream, Metadata: e.metadata})
	}
	return append(dst, e.headers...)
}

// Release gives everything back. The value is empty then.
func (e *Essentials) Release() {
	for i := range e.headers {
		e.headers[i].Release()
	}
	*e = Essentials{}
}
