package media

import (
	"fmt"
	"testing"
)

func BenchmarkCopyBuffer(b *testing.B) {
	for _, size := range []int{370, 9900, 200_000} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			payload := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				CopyBuffer(payload).Release()
			}
		})
	}
}
