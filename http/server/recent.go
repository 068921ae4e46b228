package server

import (
	"bytes"

	"mmids/engine/fanout"
	"mmids/engine/media"
)

// recent is what a log begins with that somebody asks for in the course of a stream: the stream's essentials and the
// newest group of pictures. It holds counts on payloads instead of copies. Feeder only.
type recent struct {
	bytesMax int // of packets

	live       bool
	hasVideo   bool
	keys       fanout.KeyFrames
	keyed      bool   // packets begin where a newcomer may begin, or will
	gone       uint64 // how many packets of the stream came before these
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
	if n.Packet.Aside {
		r.essentials.Note(n)
		return
	}
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
	switch {
	case p.Kind == media.Video:
		if begin, ok := r.keys.Note(p, r.gone+uint64(len(r.packets))); ok {
			r.drop(int(begin - r.gone))
		}
		r.keyed = r.keyed || p.KeyFrame
	case p.Kind == media.Audio && !r.hasVideo:
		r.drop(len(r.packets))
		r.keyed = true
	}
	if !r.keyed {
		return
	}
	most := r.bytesMax
	if most <= 0 {
		most = recentBytesMax
	}
	if r.bytes+len(p.Tag()) > most {
		r.forget() // whoever comes waits for the next key frame
		return
	}
	r.bytes += len(p.Tag())
	n.Retain()
	r.packets = append(r.packets, *n)
	r.packets[len(r.packets)-1].Waited = true
}

// drop lets go of the first n packets.
func (r *recent) drop(n int) {
	for i := range r.packets[:n] {
		r.bytes -= len(r.packets[i].Packet.Tag())
		r.packets[i].Release()
	}
	rest := copy(r.packets, r.packets[n:])
	clear(r.packets[rest:])
	r.packets = r.packets[:rest]
	r.gone += uint64(n)
}

// forget lets go of all packets. Those that follow are of no use without a key frame.
func (r *recent) forget() {
	r.drop(len(r.packets))
	r.keyed, r.keys = false, fanout.KeyFrames{}
}

func (r *recent) reset() {
	r.forget()
	r.packets = nil
	r.essentials.Release()
	r.live, r.hasVideo = false, false
}

// replay says again what a newcomer needs, to an output. All of it has waited long enough.
func (r *recent) replay(o *output) {
	if !r.live {
		return
	}
	o.append(&media.Notification{Event: media.NewStream, Waited: true})
	known := r.essentials.AppendTo(nil)
	for i := range known {
		known[i].Waited = true
		o.append(&known[i])
	}
	for i := range r.packets {
		o.append(&r.packets[i])
	}
}
