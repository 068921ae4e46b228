package flv

import "encoding/binary"

// pictureSize is the size of pictures as they are shown, in pixels; zero if it is not known.
type pictureSize struct{ width, height int }

// configuredSize reads a decoder configuration record.
func configuredSize(c Codec, record []byte) pictureSize {
	switch c {
	case AVC:
		return avcSize(avcParameterSet(record))
	case HEVC, LegacyHEVC:
		return hevcSize(hevcParameterSet(record))
	case VVC:
		return vvcSize(record)
	case AV1, LegacyAV1:
		return av1Size(av1SequenceHeader(record))
	}
	return pictureSize{}
}

// keyFrameSize reads the header of a frame, for codecs that say the size only there.
func keyFrameSize(c Codec, frame []byte) pictureSize {
	switch c {
	case VP8:
		return vp8Size(frame)
	case VP9:
		return vp9Size(frame)
	}
	return pictureSize{}
}

// cropped is what is left of a coded size when the frame around it is cut off, in units of the chroma samples.
func cropped(width, height, across, down uint32, r *bitReader) pictureSize {
	// No codec goes beyond 2^16 (H.264 level 6.2, H.265 level 6.2): what is larger was made up.
	const sizeMax = 1 << 16
	if r.over || width > sizeMax || height > sizeMax || across >= width || down >= height {
		return pictureSize{}
	}
	return pictureSize{int(width - across), int(height - down)}
}

// chromaUnits is how many pixels one chroma sample covers (SubWidthC and SubHeightC of H.264 Table 6-1).
func chromaUnits(chromaFormat uint32) (across, down uint32) {
	switch chromaFormat {
	case 1: // 4:2:0
		return 2, 2
	case 2: // 4:2:2
		return 2, 1
	}
	return 1, 1
}

// avcParameterSet returns the first SPS of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1).
func avcParameterSet(record []byte) []byte {
	const sets = 5 // version, profile, compatibility, level, length size; then how many there are
	if len(record) < sets+1 || record[sets]&0x1f == 0 {
		return nil
	}
	return sizedUnit(record[sets+1:])
}

// sizedUnit returns the NAL unit at the beginning of b, behind its size in 16 bits.
func sizedUnit(b []byte) []byte {
	if len(b) < 2 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(b))
	if n > len(b)-2 {
		return nil
	}
	return b[2 : 2+n]
}

// avcSize reads a sequence parameter set (H.264 §7.3.2.1.1).
func avcSize(sps []byte) pictureSize {
	if len(sps) < 2 {
		return pictureSize{}
	}
	r := &bitReader{rest: sps[1:], escaped: true} // behind the header of the NAL unit
	profile := r.bits(8)
	r.bits(8 + 8) // constraints, level
	r.unsigned()  // seq_parameter_set_id
	chroma := uint32(1)
	if avcSaysChroma(profile) {
		chroma = r.avcChroma()
	}
	r.unsigned() // log2_max_frame_num_minus4
	r.skipAVCOrderCount()
	r.unsigned() // max_num_ref_frames
	r.flag()     // gaps_in_frame_num_value_allowed_flag
	width, height := 16*(r.unsigned()+1), 16*(r.unsigned()+1)
	across, down := chromaUnits(chroma)
	if frames := r.flag(); !frames { // fields: the height counts pairs of lines
		height, down = 2*height, 2*down
		r.flag() // mb_adaptive_frame_field_flag
	}
	r.flag() // direct_8x8_inference_flag
	left, right, top, bottom := r.window()
	return cropped(width, height, across*(left+right), down*(top+bottom), r)
}

// window reads frame_cropping or conformance_window: whether there is one, and its four offsets.
func (r *bitReader) window() (left, right, top, bottom uint32) {
	if r.flag() {
		left, right, top, bottom = r.unsigned(), r.unsigned(), r.unsigned(), r.unsigned()
	}
	return
}

// avcSaysChroma lists the profiles whose parameter sets have a chroma format.
func avcSaysChroma(profile uint32) bool {
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// avcChroma reads chroma format, bit depths and scaling matrix. With separate planes it is as without chroma.
func (r *bitReader) avcChroma() (chroma uint32) {
	chroma = r.unsigned()
	lists := 8
	if chroma == 3 {
		lists = 12
		r.flag() // separate_colour_plane_flag; 4:4:4 has units of one pixel as well
	}
	r.unsigned() // bit_depth_luma_minus8
	r.unsigned() // bit_depth_chroma_minus8
	r.flag()     // qpprime_y_zero_transform_bypass_flag
	if r.flag() {
		for i := range lists {
			if r.flag() {
				r.skipScalingList(i)
			}
		}
	}
	return chroma
}

// skipScalingList follows scaling_list of H.264 §7.3.2.1.1.1: it ends early when the next scale is zero.
func (r *bitReader) skipScalingList(i int) {
	length := 16
	if i >= 6 {
		length = 64
	}
	last, next := int32(8), int32(8)
	for range length {
		if next != 0 {
			next = (last + r.signed() + 256) & 0xff
		}
		if next != 0 {
			last = next
		}
	}
}

func (r *bitReader) skipAVCOrderCount() {
	switch r.unsigned() { // pic_order_cnt_type
	case 0:
		r.unsigned() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		r.flag()   // delta_pic_order_always_zero_flag
		r.signed() // offset_for_non_ref_pic
		r.signed() // offset_for_top_to_bottom_field
		for n := r.unsigned(); n > 0 && !r.over; n-- {
			r.signed() // offset_for_ref_frame
		}
	}
}

// hevcParameterSet returns the first SPS of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1).
func hevcParameterSet(record []byte) []byte {
	const arrays, spsType = 22, 33
	if len(record) <= arrays {
		return nil
	}
	b := record[arrays+1:]
	for range record[arrays] {
		if len(b) < 3 {
			return nil
		}
		kind, units := b[0]&0x3f, binary.BigEndian.Uint16(b[1:])
		b = b[3:]
		for range units {
			unit := sizedUnit(b)
			if unit == nil || kind == spsType {
				return unit
			}
			b = b[2+len(unit):]
		}
	}
	return nil
}

// hevcSize reads a sequence parameter set (H.265 §7.3.2.2).
func hevcSize(sps []byte) pictureSize {
	if len(sps) < 3 {
		return pictureSize{}
	}
	r := &bitReader{rest: sps[2:], escaped: true}
	r.bits(4)                 // sps_video_parameter_set_id
	layers := int(r.bits(3))  // sps_max_sub_layers_minus1
	r.bits(1)                 // sps_temporal_id_nesting_flag
	r.skipHEVCProfile(layers) // profile_tier_level
	r.unsigned()              // sps_seq_parameter_set_id
	chroma := r.unsigned()
	if chroma == 3 {
		r.flag() // separate_colour_plane_flag
	}
	width, height := r.unsigned(), r.unsigned()
	across, down := chromaUnits(chroma)
	left, right, top, bottom := r.window()
	return cropped(width, height, across*(left+right), down*(top+bottom), r)
}

// skipHEVCProfile follows profile_tier_level of H.265 §7.3.3.
func (r *bitReader) skipHEVCProfile(layers int) {
	const profileBits, levelBits = 88, 8
	r.bits(profileBits + levelBits)
	if layers == 0 {
		return
	}
	size := 0
	for range layers {
		if r.flag() {
			size += profileBits
		}
		if r.flag() {
			size += levelBits
		}
	}
	r.bits(2 * (8 - layers)) // alignment
	r.bits(size)
}

// vvcSize reads a VvcDecoderConfigurationRecord, which says the size itself (ISO/IEC 14496-15 §11.2.4.2).
func vvcSize(record []byte) pictureSize {
	r := &bitReader{rest: record}
	r.bits(5 + 2) // reserved, LengthSizeMinusOne
	if present := r.flag(); !present {
		return pictureSize{}
	}
	r.bits(9) // ols_idx
	layers := int(r.bits(3))
	r.bits(2 + 2 + 3 + 5) // constant_frame_rate, chroma_format_idc, bit_depth_minus8, reserved
	r.skipVVCProfile(layers)
	return cropped(r.bits(16), r.bits(16), 0, 0, r)
}

// skipVVCProfile follows VvcPTLRecord.
func (r *bitReader) skipVVCProfile(layers int) {
	r.bits(2)
	constraints := int(r.bits(6)) // bytes of general_constraint_info and the two flags in front of it
	r.bits(7 + 1 + 8)             // general_profile_idc, general_tier_flag, general_level_idc
	r.bits(8 * constraints)
	levels := 0
	for range layers - 1 {
		levels += int(r.bits(1)) // ptl_sublayer_level_present_flag
	}
	if layers > 1 {
		r.bits(9 - layers) // alignment
	}
	r.bits(8 * levels)
	r.bits(32 * int(r.bits(8))) // general_sub_profile_idc
}
