package chunk

// table finds the state of a chunk stream by its id. Nearly all ids are below 64, where it is one look into an
// array; a map is only made for a peer that uses others.
type table[S any] struct {
	states []S
	low    [64]uint32 // index in states plus one; 0 means none
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
		return t.low[csid]
	}
	return t.high[csid]
}

// add makes a zero state for csid, which must have none.
func (t *table[S]) add(csid uint32) *S {
	var zero S
	t.states = append(t.states, zero)
	i := uint32(len(t.states))
	if csid < uint32(len(t.low)) {
		t.low[csid] = i
	} else {
		if t.high == nil {
			t.high = make(map[uint32]uint32)
		}
		t.high[csid] = i
	}
	return &t.states[i-1]
}
