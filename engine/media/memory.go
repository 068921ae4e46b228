package media

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Payload memory comes in powers of two between these bounds, each with its own pool. An audio frame is a few
// hundred bytes, a key frame of 60 Mbit/s video about 1 MB; anything larger is left to the garbage collector.
const (
	classBitsMin = 9  // 512 B
	classBitsMax = 20 // 1 MiB
)

var (
	classes [classBitsMax - classBitsMin + 1]sync.Pool // of *byte: the base of 1<<bits bytes
	inUse   atomic.Int64
)

// Memory is the pool as an object, for packages that declare what they need as an interface.
type Memory struct{}

// Alloc returns n bytes of pooled memory with arbitrary content.
func (Memory) Alloc(n int) []byte { return Alloc(n) }

// Free gives memory from Alloc back.
func (Memory) Free(p []byte) { Free(p) }

// Alloc returns n bytes of pooled memory with arbitrary content. It must be given to Free or to [NewBuffer]
// exactly once, with its base and capacity unchanged.
func Alloc(n int) []byte {
	inUse.Add(1)
	class := classOf(n)
	if class < 0 {
		return make([]byte, n)
	}
	if base, ok := classes[class].Get().(*byte); ok {
		return unsafe.Slice(base, 1<<(class+classBitsMin))[:n]
	}
	return make([]byte, n, 1<<(class+classBitsMin))
}

// Free gives memory from Alloc back. Nothing may use p afterwards.
func Free(p []byte) {
	inUse.Add(-1)
	class := classOf(cap(p))
	if class < 0 || cap(p) != 1<<(class+classBitsMin) {
		return
	}
	classes[class].Put(unsafe.SliceData(p))
}

// InUse returns how many pieces of memory from Alloc have not been freed. Tests and metrics watch it for leaks.
func InUse() int64 { return inUse.Load() }

// classOf returns the index of the smallest class that holds n bytes, or -1.
func classOf(n int) int {
	if n > 1<<classBitsMax {
		return -1
	}
	if n <= 1<<classBitsMin {
		return 0
	}
	return bits.Len(uint(n-1)) - classBitsMin
}
