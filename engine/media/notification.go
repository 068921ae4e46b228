package media

// Event tells what a [Notification] announces.
type Event uint8

const (
	// NewStream: media for this stream id will follow. Name and Source are set.
	NewStream Event = iota + 1
	// Disconnected: no more media for this id unless a new NewStream comes.
	Disconnected
	// MetadataChanged: Metadata is set and replaces what was known.
	MetadataChanged
	// Coded: Packet is set.
	Coded
)

// Notification is the one thing that passes between steps. Everything it points to is immutable and shared.
//
// Ownership: whoever is handed a notification borrows it, and its payload stays valid until the call
// returns. To keep one longer, Retain it and Release it later.
type Notification struct {
	Event    Event
	Waited   bool // it was read late, since nobody minds, and need not wait again
	Stream   StreamID
	Name     string    // NewStream: the stream's human name; for RTMP the stream key
	Source   *Source   // NewStream: may be nil
	Metadata *Metadata // MetadataChanged
	Packet   Packet    // Coded
}

// Retain adds a count to the payload, if there is one.
func (n *Notification) Retain() {
	if n.Packet.Body != nil {
		n.Packet.Body.Retain()
	}
}

// Release gives a count of the payload back, if there is one. The notification must not be used afterwards.
func (n *Notification) Release() {
	if n.Packet.Body != nil {
		n.Packet.Body.Release()
		n.Packet.Body = nil
	}
}

// Required reports whether later media cannot be decoded without this notification.
func (n *Notification) Required() bool { return n.Event == Coded && n.Packet.Required }
