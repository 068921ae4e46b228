package chunk

// Memory hands out the memory that payloads are put together in.
type Memory interface {
	// Alloc returns n bytes with arbitrary content; n may be 0.
	Alloc(n int) []byte
	// Free takes back what Alloc returned, with its base and capacity unchanged. Nothing uses p afterwards.
	Free(p []byte)
}

// garbageCollected is the Memory of a Reader that was given none.
type garbageCollected struct{}

func (garbageCollected) Alloc(n int) []byte { return make([]byte, n) }
func (garbageCollected) Free([]byte)        {}
