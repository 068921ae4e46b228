package mp4

import (
	"github.com/Eyevinn/mp4ff/bits"
	"github.com/Eyevinn/mp4ff/mp4"

	"mmids/engine/media"
)

// timescale is that of all tracks: packets have milliseconds.
const timescale = 1000

// initSegment returns the initialization segment, ftyp and moov, for the tracks that are known.
func initSegment(tracks ...*track) []byte {
	segment := mp4.NewMP4Init()
	segment.AddChild(mp4.NewFtyp("iso6", 0, []string{"iso6", "cmfc", "mp41"}))
	moov := mp4.NewMoovBox()
	segment.AddChild(moov)
	moov.AddChild(mp4.CreateMvhd())
	mvex := mp4.NewMvexBox()
	for _, t := range tracks {
		if !t.known() {
			continue
		}
		moov.Mvhd.NextTrackID = t.id + 1
		moov.AddChild(trakOf(t))
		mvex.AddChild(mp4.CreateTrex(t.id))
	}
	moov.AddChild(mvex)
	w := bits.NewFixedSliceWriter(int(segment.Size()))
	if err := segment.EncodeSW(w); err != nil {
		panic("BUG: an MP4 initialization segment cannot be written: " + err.Error())
	}
	return w.Bytes()
}

func trakOf(t *track) *mp4.TrakBox {
	kind := "audio"
	if t.kind == media.Video {
		kind = "video"
	}
	trak := mp4.CreateEmptyTrak(t.id, timescale, kind, "und")
	trak.Tkhd.Width, trak.Tkhd.Height = mp4.Fixed32(t.entry.width<<16), mp4.Fixed32(t.entry.height<<16)
	trak.Mdia.Minf.Stbl.Stsd.AddChild(t.entry.box)
	return trak
}
