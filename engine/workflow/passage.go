package workflow

import "mmids/engine/media"

// Passage is the media that has gone into a step, or has come out of it.
type Passage struct {
	// Streams is how many are live there.
	Streams int
	// Packets and Bytes are of all time since the step was made, sequence headers included, Bytes as FLV tag bodies.
	Packets, Bytes uint64
}

// passageOf counts the packets of a batch.
func passageOf(batch []media.Notification) (p Passage) {
	for k := range batch {
		p.note(&batch[k])
	}
	return p
}

// note counts a notification, if it is a packet.
func (p *Passage) note(n *media.Notification) {
	if n.Event == media.Coded {
		p.Packets++
		p.Bytes += uint64(payloadSize(n))
	}
}

// add adds the packets of another one.
func (p *Passage) add(more Passage) {
	p.Packets += more.Packets
	p.Bytes += more.Bytes
}

// passages returns what has gone into the instance and come out of it.
func (i *instance) passages() (in, out Passage) {
	in, out = i.came, i.went
	in.Streams, out.Streams = len(i.heard), len(i.outputs.streams)
	return in, out
}
