package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/Eyevinn/mp4ff/mp4"

	"mmids/engine/media"
	"mmids/flv"
)

// entry is what MP4 says of a track's codec.
type entry struct {
	codec         flv.Codec
	box           mp4.Box // the sample entry
	codecs        string  // as media types name it (RFC 6381)
	width, height int     // of pictures
}

var errConfig = errors.New("the sequence header cannot be understood")

// carried reports whether there is an entry for a codec of a kind. The wire has both in one list, so that a publisher can
// call sound a picture.
func carried(kind media.Kind, c flv.Codec) bool {
	switch c {
	case flv.AVC, flv.HEVC, flv.LegacyHEVC, flv.AV1:
		return kind == media.Video
	case flv.AAC, flv.Opus:
		return kind == media.Audio
	}
	return false
}

// entryOf makes the entry of a track, of a codec that is carried, from its sequence header. tag is the whole FLV tag body.
func entryOf(kind media.Kind, f frame, tag []byte) (entry, error) {
	e := entry{codec: f.codec}
	name, config := "", f.payload
	switch f.codec {
	case flv.AVC:
		name, e.codecs = "avcC", avcCodecs(config)
	case flv.HEVC, flv.LegacyHEVC:
		name, e.codecs = "hvcC", hevcCodecs(config)
	case flv.AV1:
		name, e.codecs = "av1C", av1Codecs(config)
	case flv.AAC:
		e.codecs = aacCodecs(config)
	case flv.Opus:
		e.codecs = "opus"
	}
	if e.codecs == "" {
		return entry{}, errConfig
	}
	if kind == media.Audio {
		return e, e.addAudio(config, tag)
	}
	d := flv.DescribeVideo(tag)
	e.width, e.height = d.Width, d.Height
	e.box = mp4.CreateVisualSampleEntryBox(sampleEntryNames[name], uint16(d.Width), uint16(d.Height), boxOf(name, config))
	return e, nil
}

// sampleEntryNames by the name of the box with the decoder's configuration.
var sampleEntryNames = map[string]string{"avcC": "avc1", "hvcC": "hvc1", "av1C": "av01"}

// boxOf wraps bytes that are the content of a box as they are. FLV and MP4 have the same decoder configuration records.
func boxOf(name string, content []byte) mp4.Box {
	const headerLen = 8
	return mp4.CreateUnknownBox(name, uint64(headerLen+len(content)), append([]byte(nil), content...))
}

func (e *entry) addAudio(config, tag []byte) error {
	d := flv.DescribeAudio(tag)
	if d.SampleRate == 0 {
		return errConfig
	}
	rate := d.SampleRate
	if rate > 0xFFFF { // the field cannot hold it; players look into the configuration
		rate = 0
	}
	name, child := "mp4a", mp4.Box(nil)
	if e.codec == flv.Opus {
		head, err := opusBox(config)
		if err != nil {
			return err
		}
		name, child = "Opus", head
	} else {
		child = mp4.CreateEsdsBox(append([]byte(nil), config...))
	}
	e.box = mp4.CreateAudioSampleEntryBox(name, uint16(d.Channels), 16, uint16(rate), child)
	return nil
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

// avcCodecs names profile, constraints and level of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1).
func avcCodecs(record []byte) string {
	if len(record) < 7 {
		return ""
	}
	return fmt.Sprintf("avc1.%02x%02x%02x", record[1], record[2], record[3])
}

// hevcCodecs names what an HEVCDecoderConfigurationRecord begins with (ISO/IEC 14496-15 §8.3.3.1, Annex E.3).
func hevcCodecs(record []byte) string {
	if len(record) < 23 {
		return ""
	}
	profile, tier := record[1]&0x1f, "L"
	if record[1]&0x20 != 0 {
		tier = "H"
	}
	text := fmt.Sprintf("hvc1.%s%d.%X.%s%d", [...]string{"", "A", "B", "C"}[record[1]>>6], profile,
		bits.Reverse32(binary.BigEndian.Uint32(record[2:])), tier, record[12])
	constraints := record[6:12]
	for len(constraints) > 0 && constraints[len(constraints)-1] == 0 {
		constraints = constraints[:len(constraints)-1]
	}
	for _, c := range constraints {
		text += fmt.Sprintf(".%X", c)
	}
	return text
}

// av1Codecs names profile, level, tier and bit depth of an AV1CodecConfigurationRecord (AV1 in ISOBMFF §2.3, §5).
func av1Codecs(record []byte) string {
	if len(record) < 4 {
		return ""
	}
	tier, depth := "M", 8
	if record[2]&0x80 != 0 {
		tier = "H"
	}
	if record[2]&0x40 != 0 {
		depth = 10
		if record[2]&0x20 != 0 {
			depth = 12
		}
	}
	return fmt.Sprintf("av01.%d.%02d%s.%02d", record[1]>>5, record[1]&0x1f, tier, depth)
}

// aacCodecs names the object type of an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
func aacCodecs(config []byte) string {
	if len(config) < 2 {
		return ""
	}
	object := int(config[0] >> 3)
	if object == 31 {
		object = 32 + int(config[0]&7)<<3 + int(config[1]>>5)
	}
	return fmt.Sprintf("mp4a.40.%d", object)
}
