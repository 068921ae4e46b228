package fanout

import "slices"

// beginnings are the places of a log where its stream may begin, oldest first. Only a log that keeps its beginning has
// them, see Config.KeepBeginning: the oldest is all that anybody asks for, and once the log has let go of it, the next is.
type beginnings []place

// add notes a further place.
func (b *beginnings) add(p place) { *b = append(*b, p) }

// trim drops the places before floor.
func (b *beginnings) trim(floor uint64) {
	gone := 0
	for gone < len(*b) && (*b)[gone].pos < floor {
		gone++
	}
	*b = slices.Delete(*b, 0, gone)
}

// oldest returns the first place that is left, or none.
func (b beginnings) oldest() place {
	if len(b) == 0 {
		return place{}
	}
	return b[0]
}
