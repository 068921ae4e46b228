package fanout

import "mmids/engine/media"

// KeyFrames finds the places of a stream where newcomers may begin. With several video tracks, the key frames of the main
// one count: that is the one with the lowest id, which players show that know only one (Enhanced RTMP v2, “Multitrack”).
// Encoders put the key frames of all tracks next to each other; newcomers begin at the first of them, so that they can
// decode every track from there on. The zero value is ready.
type KeyFrames struct {
	any   bool
	main  uint8  // track
	run   bool   // key frames have come since the last other frame
	begin uint64 // position of the first of them
	first uint8  // its track
}

// Note takes a video packet at a position, which grows from packet to packet. If a newcomer may begin now, it returns where.
func (k *KeyFrames) Note(p *media.Packet, at uint64) (begin uint64, ok bool) {
	if p.Required {
		return 0, false
	}
	if !p.KeyFrame {
		k.run = false
		return 0, false
	}
	if !k.any || p.Track < k.main {
		k.any, k.main = true, p.Track
	}
	if !k.run || p.Track == k.first {
		k.run, k.begin, k.first = true, at, p.Track
	}
	return k.begin, p.Track == k.main
}
