package server

import (
	"errors"

	"mmids/engine/media"
	"mmids/flv"
	"mmids/rtmp/message"
)

var errNoFrame = errors.New("a marker without a frame")

// parsePacket reads the tag header of an audio or video message. Codecs that nobody knows pass; what is no frame at all
// does not. Drones send headers without anything behind them: as a key frame or sequence header, newcomers would begin
// with one and see nothing.
func parsePacket(messageType uint8, body []byte) (media.Packet, error) {
	if messageType == message.TypeAudio {
		return parseAudio(body)
	}
	return parseVideo(body)
}

func parseAudio(body []byte) (media.Packet, error) {
	h, err := flv.ParseAudio(body)
	if err != nil {
		return media.Packet{}, err
	}
	if h.Packet == flv.PacketSequenceEnd || h.Size == len(body) && !(h.IsSequenceHeader() && h.Codec.ConfiguresItself()) {
		return media.Packet{}, errNoFrame
	}
	p := media.Packet{Kind: media.Audio, Type: typeOf(h.Codec), Track: h.TrackID, HeaderSize: h.Size}
	p.Aside = h.Packet == flv.PacketMultichannelConfig
	p.Required = p.Aside || h.IsSequenceHeader()
	if p.Required {
		p.Tracks = trackIDs(h.Multitrack, h.Tracks(body))
	}
	return p, nil
}

func parseVideo(body []byte) (media.Packet, error) {
	h, err := flv.ParseVideo(body)
	if err != nil {
		return media.Packet{}, err
	}
	if h.Packet == flv.PacketCommand || h.Packet == flv.PacketSequenceEnd || h.Size == len(body) {
		return media.Packet{}, errNoFrame
	}
	p := media.Packet{
		Kind: media.Video, Type: typeOf(h.Codec), KeyFrame: h.IsKeyFrame(), Track: h.TrackID,
		CompositionTime: h.CompositionTime, HeaderSize: h.Size,
	}
	p.Aside = h.Packet == flv.PacketMetadata
	p.Required = p.Aside || h.IsSequenceHeader()
	if p.Required {
		p.Tracks = trackIDs(h.Multitrack, h.Tracks(body))
	}
	return p, nil
}

// trackIDs returns the ids of a message of many tracks, empty for any other. Of one that is cut short the tracks count
// that are whole.
func trackIDs(kind flv.Multitrack, tracks flv.Tracks) string {
	if kind != flv.ManyTracks && kind != flv.ManyTracksManyCodecs {
		return ""
	}
	var ids []byte
	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
		ids = append(ids, track.ID)
	}
	return string(ids)
}

func typeOf(c flv.Codec) string {
	switch c {
	case flv.AVC:
		return media.TypeH264
	case flv.AAC:
		return media.TypeAAC
	}
	return c.String()
}
