package mp4

import (
	"encoding/binary"
	"math"

	"github.com/Eyevinn/mp4ff/bits"
	"github.com/Eyevinn/mp4ff/mp4"
)

// fragmentHead is what stands before the payload of a fragment with one sample: a moof with mfhd and one traf of tfhd, tfdt
// and trun, and the header of the mdat. All of them have the same length, so it is written once for each track, and only
// the numbers are filled in for each frame.
type fragmentHead [fragmentHeadLen]byte

// Where the numbers stand, in bytes.
const (
	sequenceAt        = 20
	timeAt            = 60
	durationAt        = 88
	sizeAt            = 92
	flagsAt           = 96
	compositionTimeAt = 100
	moofLen           = 104
	mdatAt            = moofLen
	mdatHeaderLen     = 8
	fragmentHeadLen   = moofLen + mdatHeaderLen
)

// newFragmentHead returns the head for a track.
func newFragmentHead(trackID uint32) (head fragmentHead) {
	fragment, err := mp4.CreateFragment(0, trackID)
	if err != nil {
		panic("BUG: an MP4 fragment cannot be made: " + err.Error())
	}
	// A time that needs 64 bits, so that there is room for every other.
	fragment.AddFullSample(mp4.FullSample{DecodeTime: 1 << 40})
	w := bits.NewFixedSliceWriterFromSlice(head[:])
	if err := fragment.EncodeSW(w); err != nil || w.Offset() != fragmentHeadLen {
		panic("BUG: an MP4 fragment has another layout")
	}
	return head
}

// fragmentHead returns the head for the held frame. It is valid until the next call.
func (t *track) fragmentHead(sequence uint32) []byte {
	b, f := t.head[:], &t.held
	flags := mp4.SyncSampleFlags
	if !f.key && t.id == videoTrackID {
		flags = mp4.NonSyncSampleFlags | mp4.SampleDependsOn1
	}
	binary.BigEndian.PutUint32(b[sequenceAt:], sequence)
	binary.BigEndian.PutUint64(b[timeAt:], uint64(f.time))
	binary.BigEndian.PutUint32(b[durationAt:], uint32(min(t.duration, math.MaxUint32)))
	binary.BigEndian.PutUint32(b[sizeAt:], uint32(len(f.payload)))
	binary.BigEndian.PutUint32(b[flagsAt:], flags)
	binary.BigEndian.PutUint32(b[compositionTimeAt:], uint32(f.compositionTime))
	binary.BigEndian.PutUint32(b[mdatAt:], uint32(mdatHeaderLen+len(f.payload)))
	return b
}
