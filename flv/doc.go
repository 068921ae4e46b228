// Package flv reads and writes FLV: files and live FLV streams made of tags, and the headers that stand in front of the
// media in every audio and video tag. An RTMP audio or video message has the same body as an FLV tag, so ParseVideo and
// ParseAudio serve both.
//
// Two generations of tag headers are understood:
//
//   - classic ("Adobe Flash Video File Format Specification 10.1", Annex E), one byte of codec and frame type, then the
//     packet type and composition time for H.264 and for the HEVC and AV1 ids that some encoders add to the list;
//   - enhanced ("Enhanced RTMP v2" by the Veovera Software Organization): FourCC codecs, the ModEx prefix chain with its
//     nanosecond offset, and one or many tracks in one message.
//
// The words are those of the specifications: a sequence header configures the decoder (AVCDecoderConfigurationRecord,
// AudioSpecificConfig …), a key frame can be decoded without earlier frames, and the composition time is what has to be
// added to a frame's decode time to get its presentation time.
//
// The parsers are pure functions over a byte slice. They allocate nothing, keep no reference to what they are given, and
// accept every codec, known or not, as long as the bytes in front of the payload can be understood: a server forwards
// codecs that it cannot decode. The bodies of script tags are AMF and opaque to this package. Only Reader and Writer
// touch io.
package flv
