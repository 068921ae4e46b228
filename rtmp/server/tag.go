package server

import (
	"mmids/engine/media"
	"mmids/flv"
	"mmids/rtmp/message"
)

// tag is the header of an audio or video message, for code that treats both alike.
type tag struct {
	kind  media.Kind
	video flv.VideoHeader
	audio flv.AudioHeader
}

// parseTag reads the header at the beginning of a body. It reports false for any other message, for commands to the
// player, and where the header cannot be read.
func parseTag(messageType uint8, body []byte) (t tag, ok bool) {
	var err error
	switch messageType {
	case message.TypeVideo:
		t.kind = media.Video
		t.video, err = flv.ParseVideo(body)
	case message.TypeAudio:
		t.kind = media.Audio
		t.audio, err = flv.ParseAudio(body)
	default:
		return t, false
	}
	return t, err == nil && t.video.Packet != flv.PacketCommand
}

func (t *tag) isVideo() bool { return t.kind == media.Video }

func (t *tag) packet() flv.PacketType {
	if t.isVideo() {
		return t.video.Packet
	}
	return t.audio.Packet
}

func (t *tag) codec() flv.Codec {
	if t.isVideo() {
		return t.video.Codec
	}
	return t.audio.Codec
}

func (t *tag) multitrack() flv.Multitrack {
	if t.isVideo() {
		return t.video.Multitrack
	}
	return t.audio.Multitrack
}

func (t *tag) enhanced() bool {
	if t.isVideo() {
		return t.video.Enhanced
	}
	return t.audio.Enhanced
}

func (t *tag) tracks(body []byte) flv.Tracks {
	if t.isVideo() {
		return t.video.Tracks(body)
	}
	return t.audio.Tracks(body)
}

func (t *tag) hasModEx(body []byte) bool {
	if t.isVideo() {
		return t.video.HasModEx(body)
	}
	return t.audio.HasModEx(body)
}

// settles reports whether the message tells which codec its tracks have.
func (t *tag) settles() bool {
	return t.packet() != flv.PacketMetadata && t.packet() != flv.PacketMultichannelConfig
}

// canBegin reports whether decoding can begin with the message.
func (t *tag) canBegin() bool {
	if t.isVideo() {
		return t.video.IsKeyFrame()
	}
	return t.audio.Packet == flv.PacketCodedFrames
}

func (t *tag) dropNanoseconds() { t.video.NanosecondOffset, t.audio.NanosecondOffset = 0, 0 }

// appendTracks appends a message of many tracks.
func (t *tag) appendTracks(dst []byte, tracks []flv.Track) ([]byte, error) {
	if t.isVideo() {
		return appendList(dst, t.video, tracks, flv.AppendVideoHeader, flv.VideoHeader.AppendTrack)
	}
	return appendList(dst, t.audio, tracks, flv.AppendAudioHeader, flv.AudioHeader.AppendTrack)
}

func appendList[H any](
	dst []byte, h H, tracks []flv.Track, head func([]byte, H) ([]byte, error), one func(H, []byte, flv.Track) ([]byte, error),
) ([]byte, error) {
	dst, err := head(dst, h)
	for i := 0; i < len(tracks) && err == nil; i++ {
		dst, err = one(h, dst, tracks[i])
	}
	return dst, err
}

// appendTrack appends a message of one track, as the only one of the stream unless withID, in the classic or the enhanced
// form.
func (t *tag) appendTrack(dst []byte, track *flv.Track, withID, classic bool) ([]byte, error) {
	kind, id := flv.NoMultitrack, uint8(0)
	if withID && t.multitrack() != flv.NoMultitrack {
		kind, id = flv.OneTrack, track.ID
	}
	var err error
	if t.isVideo() {
		h := t.video
		h.Codec, h.CompositionTime, h.Multitrack, h.TrackID = track.Codec, track.CompositionTime, kind, id
		if classic {
			h = classicVideo(h)
		}
		dst, err = flv.AppendVideoHeader(dst, h)
	} else {
		h := t.audio
		h.Codec, h.Multitrack, h.TrackID = track.Codec, kind, id
		if classic {
			h.Enhanced, h.NanosecondOffset = false, 0
		}
		dst, err = flv.AppendAudioHeader(dst, h)
	}
	return append(dst, track.Payload...), err
}

// classicVideo is a header in the classic form, which has no nanoseconds and one way to write frames.
func classicVideo(h flv.VideoHeader) flv.VideoHeader {
	h.Enhanced, h.NanosecondOffset = false, 0
	if h.Packet == flv.PacketCodedFramesX {
		h.Packet = flv.PacketCodedFrames
	}
	return h
}
