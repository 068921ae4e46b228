package flv

import (
	"encoding/binary"
	"fmt"
)

// Codec names an audio or video codec. It is the FourCC, first character in the highest byte, for every codec that has
// one in Enhanced RTMP v2; H.264, AAC and MP3 have the same value in their classic and enhanced form. Codecs known only
// by a classic id, and ids that nobody has assigned, have values below 1<<24, where no FourCC lies.
//
// The zero Codec means that none was named, as in an enhanced command frame.
type Codec uint32

// Codecs with a FourCC (Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio").
const (
	AVC  Codec = 'a'<<24 | 'v'<<16 | 'c'<<8 | '1' // H.264; classic codec id 7
	HEVC Codec = 'h'<<24 | 'v'<<16 | 'c'<<8 | '1' // H.265
	VVC  Codec = 'v'<<24 | 'v'<<16 | 'c'<<8 | '1' // H.266
	AV1  Codec = 'a'<<24 | 'v'<<16 | '0'<<8 | '1'
	VP8  Codec = 'v'<<24 | 'p'<<16 | '0'<<8 | '8'
	VP9  Codec = 'v'<<24 | 'p'<<16 | '0'<<8 | '9'

	AAC  Codec = 'm'<<24 | 'p'<<16 | '4'<<8 | 'a' // classic sound format 10
	Opus Codec = 'O'<<24 | 'p'<<16 | 'u'<<8 | 's'
	FLAC Codec = 'f'<<24 | 'L'<<16 | 'a'<<8 | 'C'
	AC3  Codec = 'a'<<24 | 'c'<<16 | '-'<<8 | '3'
	EAC3 Codec = 'e'<<24 | 'c'<<16 | '-'<<8 | '3'
	MP3  Codec = '.'<<24 | 'm'<<16 | 'p'<<8 | '3' // classic sound format 2
)

const (
	classicVideo Codec = 0x100 // added to a classic video codec id
	classicAudio Codec = 0x200 // added to a classic sound format
)

// Video codecs of the classic header (FLV 10.1, §E.4.3.1). LegacyHEVC and LegacyAV1 are not in that list: encoders and
// services without enhanced RTMP agreed on these ids. They are kept apart from HEVC and AV1 so that a server can accept
// them and still never send them unasked.
const (
	SorensonH263 = classicVideo | 2
	ScreenVideo  = classicVideo | 3
	VP6          = classicVideo | 4
	VP6Alpha     = classicVideo | 5
	ScreenVideo2 = classicVideo | 6
	LegacyHEVC   = classicVideo | 12
	LegacyAV1    = classicVideo | 13
)

// Audio codecs of the classic header (FLV 10.1, §E.4.2.1). LegacyOpus is, like LegacyHEVC, an agreement between
// encoders; they disagree on whether a packet type follows, so its payload begins right behind the first byte.
const (
	PCMPlatform     = classicAudio // linear PCM in the byte order of the machine that made it
	ADPCM           = classicAudio | 1
	PCMLittleEndian = classicAudio | 3
	Nellymoser16kHz = classicAudio | 4 // mono
	Nellymoser8kHz  = classicAudio | 5 // mono
	Nellymoser      = classicAudio | 6
	G711ALaw        = classicAudio | 7
	G711MuLaw       = classicAudio | 8
	Speex           = classicAudio | 11
	LegacyOpus      = classicAudio | 13
	MP3At8kHz       = classicAudio | 14
	DeviceSound     = classicAudio | 15
)

const (
	videoIDAVC          = 7
	soundFormatMP3      = 2
	soundFormatExHeader = 9 // "ExHeader": the enhanced audio header
	soundFormatAAC      = 10

	fourCCSize = 4
)

// ParseFourCC returns the codec of a FourCC, known or not; ok is false for what is none.
func ParseFourCC(s string) (c Codec, ok bool) {
	if len(s) != fourCCSize {
		return 0, false
	}
	c, err := fourCCAt([]byte(s))
	return c, err == nil
}

// FourCC returns the codec that has a FourCC and is the same as c, where c is one of the ids that encoders agreed on before
// enhanced RTMP; otherwise c.
func (c Codec) FourCC() Codec {
	switch c {
	case LegacyHEVC:
		return HEVC
	case LegacyAV1:
		return AV1
	case LegacyOpus:
		return Opus
	}
	return c
}

// HasClassicForm reports whether c can be written in a classic header as the specification of FLV has it.
func (c Codec) HasClassicForm() bool {
	return c == AVC || c == AAC || c == MP3 || !c.IsFourCC() && c.FourCC() == c
}

// IsAudio reports whether c is known as an audio codec.
func (c Codec) IsAudio() bool {
	switch c {
	case AAC, Opus, FLAC, AC3, EAC3, MP3:
		return true
	}
	return c&^0xf == classicAudio
}

// IsFourCC reports whether c is written as a FourCC in an enhanced header.
func (c Codec) IsFourCC() bool { return c >= 1<<24 }

// String returns the usual name of the codec, for logs and answers to people.
func (c Codec) String() string {
	switch c {
	case 0:
		return "none"
	case AVC:
		return "H.264"
	case HEVC:
		return "HEVC"
	case VVC:
		return "VVC"
	case AV1:
		return "AV1"
	case VP8:
		return "VP8"
	case VP9:
		return "VP9"
	case AAC:
		return "AAC"
	case Opus:
		return "Opus"
	case FLAC:
		return "FLAC"
	case AC3:
		return "AC-3"
	case EAC3:
		return "E-AC-3"
	case MP3:
		return "MP3"
	case SorensonH263:
		return "Sorenson H.263"
	case ScreenVideo:
		return "Screen video"
	case VP6:
		return "VP6"
	case VP6Alpha:
		return "VP6 with alpha"
	case ScreenVideo2:
		return "Screen video 2"
	case LegacyHEVC:
		return "HEVC (classic id 12)"
	case LegacyAV1:
		return "AV1 (classic id 13)"
	case PCMPlatform:
		return "PCM (platform byte order)"
	case ADPCM:
		return "ADPCM"
	case PCMLittleEndian:
		return "PCM (little endian)"
	case Nellymoser16kHz:
		return "Nellymoser 16 kHz"
	case Nellymoser8kHz:
		return "Nellymoser 8 kHz"
	case Nellymoser:
		return "Nellymoser"
	case G711ALaw:
		return "G.711 A-law"
	case G711MuLaw:
		return "G.711 mu-law"
	case Speex:
		return "Speex"
	case LegacyOpus:
		return "Opus (sound format 13)"
	case MP3At8kHz:
		return "MP3 8 kHz"
	case DeviceSound:
		return "device-specific sound"
	}
	switch {
	case c.IsFourCC():
		return fmt.Sprintf("FourCC %q", string(c.AppendFourCC(nil)))
	case c&^0xf == classicVideo:
		return fmt.Sprintf("video codec id %d", c&0xf)
	case c&^0xf == classicAudio:
		return fmt.Sprintf("sound format %d", c&0xf)
	}
	return fmt.Sprintf("codec %#x", uint32(c))
}

// AppendFourCC appends the four characters of a codec for which IsFourCC holds.
func (c Codec) AppendFourCC(dst []byte) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(c))
}

// fourCCAt reads the FourCC at the beginning of b, which must have four bytes. Any FourCC is accepted, also those that
// no specification names, except values that this package uses for classic ids.
func fourCCAt(b []byte) (Codec, error) {
	c := Codec(binary.BigEndian.Uint32(b))
	if !c.IsFourCC() {
		return 0, errFourCC
	}
	return c, nil
}

func classicVideoCodec(id byte) Codec {
	if id == videoIDAVC {
		return AVC
	}
	return classicVideo | Codec(id)
}

func (c Codec) classicVideoID() (id byte, ok bool) {
	if c == AVC {
		return videoIDAVC, true
	}
	id = byte(c & 0xf)
	return id, c&^0xf == classicVideo && id != videoIDAVC
}

func classicAudioCodec(format byte) Codec {
	switch format {
	case soundFormatAAC:
		return AAC
	case soundFormatMP3:
		return MP3
	}
	return classicAudio | Codec(format)
}

func (c Codec) classicSoundFormat() (format byte, ok bool) {
	switch c {
	case AAC:
		return soundFormatAAC, true
	case MP3:
		return soundFormatMP3, true
	}
	format = byte(c & 0xf)
	spare := format != soundFormatAAC && format != soundFormatMP3 && format != soundFormatExHeader
	return format, c&^0xf == classicAudio && spare
}

// ConfiguresItself reports whether the frames of an audio codec say all that a decoder needs, so that a sequence header
// may be empty: FFmpeg announces AC-3 with one.
func (c Codec) ConfiguresItself() bool { return c == AC3 || c == EAC3 || c == MP3 }

// hasAVCLayout reports whether the classic header of c goes on with a packet type and a composition time.
func (c Codec) hasAVCLayout() bool { return c == AVC || c == LegacyHEVC || c == LegacyAV1 }

// hasCompositionTime reports whether the enhanced form puts a composition time in front of coded frames of c. Only the
// codecs made of NAL units have one (Enhanced RTMP v2, ExVideoTagBody).
func (c Codec) hasCompositionTime() bool { return c == AVC || c == HEVC || c == VVC }
