package flv

import (
	"bytes"
	"encoding/binary"
)

// soundForm is sample rate, in hertz, and number of channels; zero where it is not known.
type soundForm struct{ rate, channels int }

// configuredSound reads a sequence header.
func configuredSound(c Codec, config []byte) soundForm {
	switch c {
	case AAC:
		return aacSound(config)
	case Opus:
		return opusSound(config)
	case FLAC:
		return flacSound(config)
	}
	return soundForm{}
}

// frameSound reads the header of a frame, for codecs in which each has one.
func frameSound(c Codec, frame []byte) soundForm {
	switch c {
	case AC3, EAC3:
		return ac3Sound(frame)
	case MP3:
		return mp3Sound(frame)
	}
	return soundForm{}
}

// aacRates in the order of samplingFrequencyIndex (ISO/IEC 14496-3 Table 1.18).
var aacRates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// aacChannels in the order of channelConfiguration (Table 1.19); zero where the configuration says it elsewhere.
var aacChannels = [16]int{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8, 0}

// aacSound reads an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
func aacSound(config []byte) soundForm {
	const sbr, parametricStereo = 5, 29
	r := &bitReader{rest: config}
	object := r.aacObject()
	form := soundForm{rate: r.aacRate()}
	form.channels = aacChannels[r.bits(4)]
	if object == sbr || object == parametricStereo {
		form.rate = r.aacRate() // of what is heard
	}
	if object == parametricStereo && form.channels == 1 {
		form.channels = 2
	}
	if r.over {
		return soundForm{}
	}
	return form
}

func (r *bitReader) aacObject() uint32 {
	object := r.bits(5)
	if object == 31 {
		object = 32 + r.bits(6)
	}
	return object
}

func (r *bitReader) aacRate() int {
	switch i := r.bits(4); {
	case i == 15:
		return int(r.bits(24))
	case int(i) < len(aacRates):
		return aacRates[i]
	}
	return 0
}

// opusSound reads an identification header (RFC 7845 §5.1). Opus is decoded at 48 kHz, whatever it was made from.
func opusSound(config []byte) soundForm {
	const magic, channels = "OpusHead", 9
	if len(config) <= channels || string(config[:len(magic)]) != magic {
		return soundForm{}
	}
	return soundForm{48000, int(config[channels])}
}

// FLACStreamInfo returns the STREAMINFO block (RFC 9639 §8.2) of a sequence header, as a part of it; nil if there is none.
// FFmpeg sends the block alone; the specification wants the stream marker and the header of the block in front of it
// (Enhanced RTMP v2, "FLAC").
func FLACStreamInfo(config []byte) []byte {
	const marker, blockHeaderSize, infoSize = "fLaC", 4, 34
	if rest, ok := bytes.CutPrefix(config, []byte(marker)); ok {
		config = rest[min(blockHeaderSize, len(rest)):]
	}
	if len(config) < infoSize {
		return nil
	}
	return config[:infoSize]
}

func flacSound(config []byte) soundForm {
	const rateAt = 10
	info := FLACStreamInfo(config)
	if info == nil {
		return soundForm{}
	}
	v := binary.BigEndian.Uint32(info[rateAt:])
	return soundForm{int(v >> 12), int(v>>9&7) + 1}
}

// ac3Channels in the order of acmod, without the low-frequency channel (ATSC A/52 Table 5.8).
var ac3Channels = [8]int{2, 1, 2, 3, 3, 4, 4, 5}

var ac3Rates = [4]int{48000, 44100, 32000, 0}

// ac3Sound reads syncinfo and bsi of AC-3 (ATSC A/52 §5.3) or of E-AC-3 (Annex E). Its bsid tells them apart.
func ac3Sound(frame []byte) soundForm {
	const sync, bsidAt, enhancedFrom = "\x0b\x77", 5, 11
	if len(frame) <= bsidAt || string(frame[:len(sync)]) != sync {
		return soundForm{}
	}
	r := &bitReader{rest: frame[len(sync):]}
	form := soundForm{}
	if frame[bsidAt]>>3 >= enhancedFrom {
		form = r.eac3Sound()
	} else {
		form = r.plainAC3Sound()
	}
	if r.over {
		return soundForm{}
	}
	return form
}

func (r *bitReader) plainAC3Sound() soundForm {
	r.bits(16) // crc1
	rate := ac3Rates[r.bits(2)]
	r.bits(6 + 5 + 3) // frmsizecod, bsid, bsmod
	mode := r.bits(3)
	if mode&1 != 0 && mode != 1 {
		r.bits(2) // cmixlev
	}
	if mode&4 != 0 {
		r.bits(2) // surmixlev
	}
	if mode == 2 {
		r.bits(2) // dsurmod
	}
	return soundForm{rate, ac3Channels[mode] + int(r.bits(1))}
}

func (r *bitReader) eac3Sound() soundForm {
	r.bits(2 + 3 + 11) // strmtyp, substreamid, frmsiz
	code := r.bits(2)
	rate := ac3Rates[code]
	half := r.bits(2) // fscod2, or numblkscod
	if code == 3 {
		rate = ac3Rates[half] / 2
	}
	mode := r.bits(3)
	return soundForm{rate, ac3Channels[mode] + int(r.bits(1))}
}

// mp3Sound reads the header of a frame (ISO/IEC 11172-3 §2.4.1.3, 13818-3 for the lower rates).
func mp3Sound(frame []byte) soundForm {
	const mono = 3
	r := &bitReader{rest: frame}
	if r.bits(11) != 1<<11-1 {
		return soundForm{}
	}
	version := r.bits(2)
	r.bits(2 + 1 + 4) // layer, protection, bit rate
	rate := [4]int{44100, 48000, 32000, 0}[r.bits(2)]
	switch version {
	case 0: // MPEG 2.5
		rate /= 4
	case 2: // MPEG 2
		rate /= 2
	}
	r.bits(1 + 1) // padding, private
	form := soundForm{rate, 2}
	if r.bits(2) == mono {
		form.channels = 1
	}
	if r.over {
		return soundForm{}
	}
	return form
}
