package flv

// Description is what the beginning of a stream says of its pictures or sound. What is not known is zero.
type Description struct {
	Codec         Codec
	Width, Height int // of the pictures as they are shown, in pixels
	SampleRate    int // in hertz
	Channels      int
}

// DescribeVideo returns what a video message says of the pictures, of its first track if it has several. Beyond the
// codec that is: the size, from sequence headers of AVC, HEVC, VVC and AV1 and from key frames of VP8 and VP9, whose
// sequence headers do not have it. Bodies that cannot be understood say nothing; body is not kept.
func DescribeVideo(body []byte) (d Description) {
	h, err := ParseVideo(body)
	if err != nil {
		return d
	}
	tracks := h.Tracks(body)
	track, ok := tracks.Next()
	if !ok {
		return d
	}
	d.Codec = track.Codec
	size := pictureSize{}
	switch {
	case h.Packet == PacketSequenceHeader:
		size = configuredSize(track.Codec, track.Payload)
	case h.IsKeyFrame():
		size = keyFrameSize(track.Codec, track.Payload)
	}
	d.Width, d.Height = size.width, size.height
	return d
}

// DescribeAudio returns what an audio message says of the sound, of its first track if it has several. Beyond the codec
// that is: sample rate and channels, from sequence headers of AAC, Opus and FLAC, from frames of AC-3, E-AC-3 and MP3,
// and from the classic header of the codecs before AAC. A multichannel configuration says how many channels there are.
// Bodies that cannot be understood say nothing; body is not kept.
func DescribeAudio(body []byte) (d Description) {
	h, err := ParseAudio(body)
	if err != nil {
		return d
	}
	tracks := h.Tracks(body)
	track, ok := tracks.Next()
	if !ok {
		return d
	}
	d.Codec = track.Codec
	form := soundForm{}
	switch {
	case h.Packet == PacketSequenceHeader:
		form = configuredSound(track.Codec, track.Payload)
	case h.Packet == PacketMultichannelConfig && len(track.Payload) >= 2:
		form.channels = int(track.Payload[1]) // behind channelOrder (Enhanced RTMP v2, MultichannelConfig)
	case h.Packet == PacketCodedFrames:
		form = frameSound(track.Codec, track.Payload)
	}
	if form == (soundForm{}) && !h.Enhanced && h.Codec != AAC {
		form = soundForm{int(h.SampleRate), int(h.Channels)}
	}
	d.SampleRate, d.Channels = form.rate, form.channels
	return d
}
