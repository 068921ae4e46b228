package server

import (
	"bytes"

	"mmids/engine/media"
)

// recent is what a log begins with that somebody asks for in the course of a stream: the stream's essentials and the
// newest group of pictures. It holds counts on payloads instead of copies. Feeder only.
type recent struct {
	bytesMax int // of packets

	live       bool
	hasVideo   bool
	keyed      bool // packets begin with a place where decoding can begin
	essentials media.Essentials
	packets    []media.Notification
	bytes      int
}

// recentBytesMax bounds the packets where nothing was configured, as the logs are bounded.
const recentBytesMax = 16 << 20

// note takes what has been fed. n is borrowed.
func (r *recent) note(n *media.Notification) {
	switch {
	case n.Event == media.NewStream:
		r.reset()
		r.live = true
	case n.Event == media.Disconnected:
		r.reset()
	case !r.live:
	case n.Event == media.MetadataChanged:
		r.essentials.Note(n)
	case n.Required():
		r.noteHeader(n)
	default:
		r.notePacket(n)
	}
}

// noteHeader keeps a sequence header. Packets in front of a new one are of no use behind it.
func (r *recent) noteHeader(n *media.Notification) {
	r.hasVideo = r.hasVideo || n.Packet.Kind == media.Video
	for _, old := range r.essentials.AppendTo(nil) {
		if old.Required() && old.Packet.Kind == n.Packet.Kind && bytes.Equal(old.Packet.Tag(), n.Packet.Tag()) {
			return
		}
	}
	r.essentials.Note(n)
	r.forget()
}

func (r *recent) notePacket(n *media.Notification) {
	p := &n.Packet
	r.hasVideo = r.hasVideo || p.Kind == media.Video
	if p.KeyFrame || p.Kind == media.Audio && !r.hasVideo {
		r.forget()
		r.keyed = true
	}
	if !r.keyed {
		return
	}
	most := r.bytesMax
	if most <= 0 {
		most = recentBytesMax
	}
	if r.bytes += len(p.Tag()); r.bytes > most {
		r.forget() // whoever comes waits for the next key frame
		return
	}
	n.Retain()
	r.packets = append(r.packets, *n)
}

// forget lets go of the packets.
func (r *recent) forget() {
	for i := range r.packets {
		r.packets[i].Release()
		r.packets[i] = media.Notification{}
	}
	r.packets, r.bytes, r.keyed = r.packets[:0], 0, false
}

func (r *recent) reset() {
	r.forget()
	r.packets = nil
	r.essentials.Release()
	r.live, r.hasVideo = false, false
}

// replay says again what a newcomer needs, to an output.
func (r *recent) replay(o *output) {
	if !r.live {
		return
	}
	o.append(&media.Notification{Event: media.NewStream})
	known := r.essentials.AppendTo(nil)
	for i := range known {
		o.append(&known[i])
	}
	for i := range r.packets {
		o.append(&r.packets[i])
	}
}
