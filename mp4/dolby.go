package mp4

// AC-3 and E-AC-3 have no sequence header: each frame begins with what a decoder must know (ETSI TS 102 366 §4.3 and Annex E),
// from which an entry's box is made (Annex F). A frame of E-AC-3 may be followed by others, in the same message, with
// further channels.

// dolbySync begins every frame.
const dolbySync = "\x0b\x77"

// ac3Config returns the content of a dac3 box, or false for what is no frame of AC-3:
//
//	fscod (2 bits), bsid (5), bsmod (3), acmod (3), lfeon (1), bit_rate_code (5), reserved (5)
func ac3Config(b []byte) (config [3]byte, ok bool) {
	const bsidMax, rateCodeMax = 10, 37
	if len(b) < len(dolbySync) || string(b[:len(dolbySync)]) != dolbySync {
		return config, false
	}
	r := bitReader{bytes: b[len(dolbySync):]}
	r.read(16) // crc1
	fscod, frmsizecod, bsid, bsmod, acmod := r.read(2), r.read(6), r.read(5), r.read(3), r.read(3)
	if acmod&1 != 0 && acmod != 1 {
		r.read(2) // cmixlev
	}
	if acmod&4 != 0 {
		r.read(2) // surmixlev
	}
	if acmod == 2 {
		r.read(2) // dsurmod
	}
	lfeon := r.read(1)
	if r.over || fscod == 3 || frmsizecod > rateCodeMax || bsid > bsidMax {
		return config, false
	}
	v := fscod<<22 | bsid<<17 | bsmod<<14 | acmod<<11 | lfeon<<10 | frmsizecod>>1<<5
	return [3]byte{byte(v >> 16), byte(v >> 8), byte(v)}, true
}

// eac3ConfigMax is the length of a dec3 box's content with one independent substream.
const eac3ConfigMax = 6

// eac3Config returns the content of a dec3 box and its length, which is zero for what is no frame of E-AC-3. The data rate is
// left out, since it may change with each frame:
//
//	data_rate (13 bits), num_ind_sub (3), fscod (2), bsid (5), reserved (1), asvc (1), bsmod (3), acmod (3), lfeon (1),
//	reserved (3), num_dep_sub (4), then chan_loc (9) if there are any, otherwise reserved (1)
func eac3Config(b []byte) (config [eac3ConfigMax]byte, n int) {
	h, ok := readEAC3(b)
	if !ok {
		return config, 0
	}
	further, locations := eac3Further(b[min(h.size, len(b)):])
	v := h.fscod<<22 | h.bsid<<17 | h.acmod<<9 | h.lfeon<<8 | further<<1
	if further == 0 {
		return [eac3ConfigMax]byte{2: byte(v >> 16), 3: byte(v >> 8), 4: byte(v)}, 5
	}
	v = v<<8 | locations
	return [eac3ConfigMax]byte{2: byte(v >> 24), 3: byte(v >> 16), 4: byte(v >> 8), 5: byte(v)}, 6
}

// eac3Further counts the frames that have further channels for the one before them, and says where these are heard.
func eac3Further(b []byte) (count, locations uint64) {
	const countMax = 15
	for count < countMax {
		h, ok := readEAC3(b)
		if !ok || h.kind != eac3Dependent {
			break
		}
		count++
		locations |= chanLoc(h.channels)
		b = b[min(h.size, len(b)):]
	}
	return count, locations
}

// eac3Dependent is the strmtyp of a frame with further channels.
const eac3Dependent = 1

// eac3Head is the beginning of a frame of E-AC-3.
type eac3Head struct {
	kind, fscod, code, acmod, lfeon, bsid uint64 // code is numblkscod, or fscod2 where fscod is 3
	size                                  int    // of the frame, in bytes
	channels                              uint64 // chanmap of a dependent frame
}

func readEAC3(b []byte) (h eac3Head, ok bool) {
	const bsidFrom, bsidMax = 11, 16
	if len(b) < len(dolbySync) || string(b[:len(dolbySync)]) != dolbySync {
		return h, false
	}
	r := bitReader{bytes: b[len(dolbySync):]}
	h.kind = r.read(2)
	r.read(3) // substreamid
	h.size = 2 * int(r.read(11)+1)
	h.fscod, h.code, h.acmod, h.lfeon, h.bsid = r.read(2), r.read(2), r.read(3), r.read(1), r.read(5)
	if h.fscod == 3 && h.code == 3 || h.bsid < bsidFrom || h.bsid > bsidMax {
		return h, false
	}
	r.skipDialogue()
	if h.acmod == 0 { // two programs in mono
		r.skipDialogue()
	}
	if h.kind == eac3Dependent && r.read(1) == 1 {
		h.channels = r.read(16)
	}
	return h, !r.over
}

// skipDialogue skips dialnorm, compre and compr.
func (r *bitReader) skipDialogue() {
	r.read(5)
	if r.read(1) == 1 {
		r.read(8)
	}
}

// chanLoc turns a chanmap (Table E.1.4) into a chan_loc (Table F.6.1), whose lowest bit is the pair Lc and Rc.
func chanLoc(chanmap uint64) (loc uint64) {
	const lcRc, lfe2 = 10, 1
	for i := range 8 {
		loc |= chanmap >> (lcRc - i) & 1 << i
	}
	return loc | chanmap>>lfe2&1<<8
}

// withEAC3Rate fills in the data rate, as it is in one message.
func withEAC3Rate(config, frame []byte) []byte {
	h, _ := readEAC3(frame)
	const rateMax, blockSamples = 1<<13 - 1, 256
	hertz, blocks := dolbyRates[h.fscod], [4]int{1, 2, 3, 6}[h.code]
	if h.fscod == 3 {
		hertz, blocks = dolbyRates[h.code]/2, 6
	}
	rate := min(len(frame)*8*hertz/(blocks*blockSamples)/1000, rateMax)
	config = append([]byte(nil), config...)
	config[0], config[1] = byte(rate>>5), byte(rate<<3)|config[1]
	return config
}

// dolbyRates in the order of fscod.
var dolbyRates = [4]int{48000, 44100, 32000, 0}

// bitReader reads numbers of any width, most significant bit first; behind its end it reads zeros and says so.
type bitReader struct {
	bytes []byte
	at    int // in bits
	over  bool
}

func (r *bitReader) read(n int) (v uint64) {
	for range n {
		v <<= 1
		if r.at >= 8*len(r.bytes) {
			r.over = true
			continue
		}
		v |= uint64(r.bytes[r.at/8] >> (7 - r.at%8) & 1)
		r.at++
	}
	return v
}
