package chunk

import "math"

// table finds the state of a chunk stream by its id. Nearly all ids are below 64, and a peer uses a few of them: then it
// is one look into an array. A map is only made for a peer that uses others or very many.
type table[S any] struct {
	states []S
	low    [64]uint8 // index in states plus one, if that fits; 0 means that the map knows
	high   map[uint32]uint32
}

// find returns the state of csid, or nil. The pointer is valid until the next add.
func (t *table[S]) find(csid uint32) *S {
	i := t.index(csid)
	if i == 0 {
		return nil
	}
	return &t.states[i-1]
}

func (t *table[S]) index(csid uint32) uint32 {
	if csid < uint32(len(t.low)) {
		if i := t.low[csid]; i != 0 {
			return uint32(i)
		}
	}
	return t.high[csid]
}

// add makes a zero state for csid, which must have none.
func (t *table[S]) add(csid uint32) *S {
	var zero S
	t.states = append(t.states, zero)
	i := uint32(len(t.states))
	if csid < uint32(len(t.low)) && i <= math.MaxUint8 {
		t.low[csid] = uint8(i)
	} else {
		if t.high == nil {
			t.high = make(map[uint32]uint32)
		}
		t.high[csid] = i
	}
	return &t.states[i-1]
}
