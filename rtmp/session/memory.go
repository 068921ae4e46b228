package session

import "mmids/rtmp/chunk"

// garbageCollected is the memory of a session that was given none.
type garbageCollected struct{}

func (garbageCollected) Alloc(n int) []byte { return make([]byte, n) }
func (garbageCollected) Free([]byte)        {}

var _ chunk.Memory = garbageCollected{}
