package mp4

import (
	"encoding/binary"

	"github.com/Eyevinn/mp4ff/mp4"

	"mmids/flv"
)

// addAudio makes the entry that of a track of sound.
func (e *entry) addAudio(f frame, config, tag []byte) error {
	d := flv.DescribeAudio(tag)
	if d.SampleRate == 0 {
		return errConfig
	}
	name, bits, child := "", 16, mp4.Box(nil)
	switch e.codec {
	case flv.AAC:
		name, e.codecs = "mp4a", aacCodecs(config)
		child = mp4.CreateEsdsBox(append([]byte(nil), config...))
	case flv.Opus:
		name, e.codecs = "Opus", "opus"
		head, err := opusBox(config)
		if err != nil {
			return err
		}
		child = head
	case flv.FLAC:
		info := flv.FLACStreamInfo(config)
		if info == nil {
			return errConfig
		}
		name, bits, e.codecs = "fLaC", flacBits(info), "flac"
		child = boxOf("dfLa", fullBox(0, append([]byte{lastFLACBlock, 0, 0, byte(len(info))}, info...)))
	case flv.AC3:
		name, e.codecs = "ac-3", "ac-3"
		child = boxOf("dac3", config)
	case flv.EAC3:
		name, e.codecs = "ec-3", "ec-3"
		child = boxOf("dec3", withEAC3Rate(config, f.payload))
	}
	if e.codecs == "" {
		return errConfig
	}
	box := mp4.CreateAudioSampleEntryBox(name, uint16(d.Channels), uint16(bits), entryRate(d.SampleRate), nil)
	box.Children = append(box.Children, child) // AddChild wants boxes of its own types
	e.box = box
	return nil
}

// entryRate is the sample rate as an entry has it. Of what the field cannot hold players look into the configuration.
func entryRate(rate int) uint16 {
	if rate > 0xFFFF {
		return 0
	}
	return uint16(rate)
}

// lastFLACBlock is the type of STREAMINFO, 0, with the flag of the last metadata block (RFC 9639 §8.1).
const lastFLACBlock = 0x80

// flacBits is the number of bits of a sample that STREAMINFO names (RFC 9639 §8.2).
func flacBits(info []byte) int {
	const rateAt = 10 // 20 bits, behind which come 3 of channels and 5 of this
	return int(binary.BigEndian.Uint32(info[rateAt:])>>4&0x1f) + 1
}

// opusBox turns an identification header (RFC 7845 §5.1) into a dOps box, which has the same fields in the other byte
// order.
func opusBox(head []byte) (*mp4.DopsBox, error) {
	const magicLen, len0 = 8, 19
	if len(head) < len0 {
		return nil, errConfig
	}
	h := head[magicLen:]
	box := &mp4.DopsBox{
		OutputChannelCount: h[1], PreSkip: binary.LittleEndian.Uint16(h[2:]), InputSampleRate: binary.LittleEndian.Uint32(h[4:]),
		OutputGain: int16(binary.LittleEndian.Uint16(h[8:])), ChannelMappingFamily: h[10],
	}
	if box.ChannelMappingFamily == 0 {
		return box, nil
	}
	if len(h) < 13+int(box.OutputChannelCount) {
		return nil, errConfig
	}
	box.StreamCount, box.CoupledCount = h[11], h[12]
	box.ChannelMapping = append([]byte(nil), h[13:13+int(box.OutputChannelCount)]...)
	return box, nil
}
