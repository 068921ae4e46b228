package media

import "slices"

// essentialsMax bounds the required packets that are kept of a stream: a sequence header and what comes beside it, for
// video and audio of eight tracks.
const essentialsMax = 32

// essentialsBytesMax bounds their bytes. A sequence header with all its parameter sets has about 1 KB; who makes up tracks
// and headers must not fill the memory.
const essentialsBytesMax = 1 << 20

// Essentials is what a receiver that comes late needs of a live stream before its next packet: the newest metadata,
// which encoders send only once, and of each kind and track the newest sequence header and what comes beside it, in the
// order of their arrival. It holds a count on each of these packets. The zero value is empty.
type Essentials struct {
	stream   StreamID
	metadata *Metadata
	headers  []Notification
	bytes    int // of headers
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
	e.headers = slices.DeleteFunc(e.headers, func(old Notification) bool {
		stale := n.Packet.Supersedes(&old.Packet)
		if stale {
			e.letGo(&old)
		}
		return stale
	})
	e.headers = append(e.headers, *n)
	e.bytes += len(n.Packet.Tag())
	for len(e.headers) > 1 && (len(e.headers) > essentialsMax || e.bytes > essentialsBytesMax) {
		e.letGo(&e.headers[0])
		e.headers = slices.Delete(e.headers, 0, 1)
	}
}

func (e *Essentials) letGo(n *Notification) {
	e.bytes -= len(n.Packet.Tag())
	n.Release()
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
