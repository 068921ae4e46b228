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
	case flv.AVC, flv.HEVC, flv.LegacyHEVC, flv.AV1, flv.VP9:
		return kind == media.Video
	case flv.AAC, flv.Opus, flv.FLAC, flv.AC3, flv.EAC3:
		return kind == media.Audio
	}
	return false
}

// saysNothing reports whether a sequence header has nothing to decode by: some cameras send one without parameter sets
// first, and the real one behind it.
func saysNothing(c flv.Codec, config []byte) bool {
	const setsAt = 5 // their number (ISO/IEC 14496-15 §5.3.3.1)
	return c == flv.AVC && len(config) > setsAt && config[setsAt]&0x1f == 0
}

// entryOf makes the entry of a track, of a codec that is carried, from its sequence header or what stands for one. tag is
// the whole FLV tag body that this is from, and f the frame in it.
func entryOf(kind media.Kind, f frame, config, tag []byte) (entry, error) {
	e := entry{codec: f.codec}
	if kind == media.Audio {
		err := e.addAudio(f, config, tag)
		return e, err
	}
	name, child := "", ""
	switch f.codec {
	case flv.AVC:
		name, child, e.codecs = "avc1", "avcC", avcCodecs(config)
	case flv.HEVC, flv.LegacyHEVC:
		name, child, e.codecs = "hvc1", "hvcC", hevcCodecs(config)
	case flv.AV1:
		name, child, e.codecs = "av01", "av1C", av1Codecs(config)
	case flv.VP9:
		record := vp9Record(config)
		name, child, e.codecs, config = "vp09", "vpcC", vp9Codecs(record), fullBox(1, record)
	}
	if e.codecs == "" {
		return entry{}, errConfig
	}
	d := flv.DescribeVideo(tag)
	e.width, e.height = d.Width, d.Height
	e.box = mp4.CreateVisualSampleEntryBox(name, uint16(d.Width), uint16(d.Height), boxOf(child, config))
	return e, nil
}

// boxOf wraps bytes that are the content of a box as they are. FLV and MP4 have the same decoder configuration records.
func boxOf(name string, content []byte) mp4.Box {
	const headerLen = 8
	return mp4.CreateUnknownBox(name, uint64(headerLen+len(content)), append([]byte(nil), content...))
}

// fullBox puts a version, and flags that are all off, in front of the content of a box (ISO/IEC 14496-12 §4.2).
func fullBox(version byte, content []byte) []byte {
	return append([]byte{version, 0, 0, 0}, content...)
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
