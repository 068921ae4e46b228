package mp4

import (
	"mmids/engine/media"
	"mmids/flv"
)

// frame is what a packet has of the stream's first track.
type frame struct {
	codec           flv.Codec
	config          bool // payload configures the decoder
	key             bool
	compositionTime int32 // milliseconds
	payload         []byte
}

// frameOf reads a packet. It reports false for what is no part of a picture or a sound, and for other tracks.
func frameOf(p *media.Packet) (frame, bool) {
	switch p.Kind {
	case media.Video:
		return videoFrameOf(p.Tag())
	case media.Audio:
		return audioFrameOf(p.Tag())
	}
	return frame{}, false
}

func videoFrameOf(tag []byte) (frame, bool) {
	h, err := flv.ParseVideo(tag)
	if err != nil {
		return frame{}, false
	}
	f := frame{config: h.Packet == flv.PacketSequenceHeader, key: h.IsKeyFrame()}
	if !f.config && h.Packet != flv.PacketCodedFrames && h.Packet != flv.PacketCodedFramesX {
		return frame{}, false
	}
	return f.of(h.Tracks(tag))
}

func audioFrameOf(tag []byte) (frame, bool) {
	h, err := flv.ParseAudio(tag)
	if err != nil {
		return frame{}, false
	}
	f := frame{config: h.IsSequenceHeader()}
	if !f.config && h.Packet != flv.PacketCodedFrames {
		return frame{}, false
	}
	return f.of(h.Tracks(tag))
}

// of fills in what the default track says.
func (f frame) of(tracks flv.Tracks) (frame, bool) {
	for t, ok := tracks.Next(); ok; t, ok = tracks.Next() {
		if t.ID == 0 && len(t.Payload) > 0 {
			f.codec, f.compositionTime, f.payload = t.Codec, t.CompositionTime, t.Payload
			return f, true
		}
	}
	return frame{}, false
}
