package mp4

import "fmt"

// vp9RecordLen is the length of a VPCodecConfigurationRecord without initialization data, of which VP9 has none (VP Codec
// ISO Media File Format Binding, “VP Codec Configuration Box”):
//
//	profile (8 bits), level (8), bit depth (4), chroma subsampling (3), full range (1), colour primaries (8),
//	transfer characteristics (8), matrix coefficients (8), length of the initialization data (16)
const vp9RecordLen = 8

// vp9Record returns the record of a sequence header, or nil. Some encoders put version and flags of the box in front of it;
// as the beginning of a record these would say that samples have no bits.
func vp9Record(config []byte) []byte {
	const fullBoxLen = 4
	if len(config) >= fullBoxLen+vp9RecordLen && config[0] == 1 && config[1]|config[2]|config[3] == 0 {
		config = config[fullBoxLen:]
	}
	if len(config) < vp9RecordLen {
		return nil
	}
	record := append([]byte(nil), config[:vp9RecordLen]...)
	record[6], record[7] = 0, 0
	return record
}

// vp9Codecs names profile, level and bit depth of a record.
func vp9Codecs(record []byte) string {
	if record == nil {
		return ""
	}
	// FFmpeg writes a level of zero when it knows none, which no browser takes. The lowest there is asks for nothing.
	const lowestLevel = 10
	return fmt.Sprintf("vp09.%02d.%02d.%02d", record[0], max(record[1], lowestLevel), record[2]>>4)
}
