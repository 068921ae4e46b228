package flv

import "encoding/binary"

// av1SequenceHeader returns the content of the sequence header OBU in an AV1CodecConfigurationRecord (AV1 in ISO BMFF
// §2.3.3).
func av1SequenceHeader(record []byte) []byte {
	const configOBUs, sequenceHeader = 4, 1
	if len(record) < configOBUs {
		return nil
	}
	for b := record[configOBUs:]; len(b) > 0; {
		kind, content, rest := cutOBU(b)
		if kind == sequenceHeader {
			return content
		}
		b = rest
	}
	return nil
}

// cutOBU takes the first open bitstream unit off b (AV1 §5.3). One that is cut short has no content, and nothing follows.
func cutOBU(b []byte) (kind byte, content, rest []byte) {
	const extensionFlag, sizeFlag = 0x04, 0x02
	head := b[0]
	kind, b = head>>3&0xf, b[1:]
	if head&extensionFlag != 0 {
		b = b[min(1, len(b)):]
	}
	if head&sizeFlag == 0 {
		return kind, b, nil
	}
	size, n := binary.Uvarint(b) // leb128() of AV1 §4.10.5 is the same
	if n <= 0 || size > uint64(len(b)-n) {
		return kind, nil, nil
	}
	return kind, b[n : n+int(size)], b[n+int(size):]
}

// av1Size reads a sequence header OBU (AV1 §5.5.1).
func av1Size(header []byte) pictureSize {
	r := &bitReader{rest: header}
	r.bits(3 + 1)                     // seq_profile, still_picture
	if reduced := r.flag(); reduced { // reduced_still_picture_header
		r.bits(5)
	} else {
		r.skipAV1OperatingPoints()
	}
	widthBits, heightBits := int(r.bits(4))+1, int(r.bits(4))+1
	return cropped(r.bits(widthBits)+1, r.bits(heightBits)+1, 0, 0, r)
}

func (r *bitReader) skipAV1OperatingPoints() {
	delayBits := 0 // zero without a decoder model
	if r.flag() {  // timing_info_present_flag
		r.bits(32 + 32)
		if r.flag() { // equal_picture_interval
			r.unsigned()
		}
		if r.flag() { // decoder_model_info_present_flag
			delayBits = int(r.bits(5)) + 1
			r.bits(32 + 5 + 5)
		}
	}
	displayDelays := r.flag() // initial_display_delay_present_flag
	for range r.bits(5) + 1 {
		r.bits(12)         // operating_point_idc
		if r.bits(5) > 7 { // seq_level_idx
			r.bits(1)
		}
		if delayBits > 0 && r.flag() { // operating_parameters_info
			r.bits(2*delayBits + 1)
		}
		if displayDelays && r.flag() {
			r.bits(4)
		}
	}
}

// vp8Size reads a key frame (RFC 6386 §9.1).
func vp8Size(frame []byte) pictureSize {
	const start, sizeMask = "\x9d\x01\x2a", 1<<14 - 1
	if len(frame) < 10 || frame[0]&1 != 0 || string(frame[3:6]) != start {
		return pictureSize{}
	}
	return pictureSize{
		int(binary.LittleEndian.Uint16(frame[6:]) & sizeMask), int(binary.LittleEndian.Uint16(frame[8:]) & sizeMask),
	}
}

// vp9Size reads the uncompressed header of a key frame (VP9 bitstream specification §6.2).
func vp9Size(frame []byte) pictureSize {
	const marker, startCode, rgb = 2, 0x498342, 7
	r := &bitReader{rest: frame}
	if r.bits(2) != marker {
		return pictureSize{}
	}
	profile := r.bits(1) | r.bits(1)<<1
	if profile == 3 {
		r.bits(1)
	}
	shownAgain, inter := r.flag(), r.flag()
	r.bits(1 + 1) // show_frame, error_resilient_mode
	if shownAgain || inter || r.bits(24) != startCode {
		return pictureSize{}
	}
	if profile >= 2 {
		r.bits(1) // ten_or_twelve_bit
	}
	ownSubsampling := profile&1 == 1
	switch isRGB := r.bits(3) == rgb; {
	case !isRGB && ownSubsampling:
		r.bits(1 + 3) // color_range, subsampling, reserved
	case !isRGB || ownSubsampling:
		r.bits(1)
	}
	return cropped(r.bits(16)+1, r.bits(16)+1, 0, 0, r)
}
