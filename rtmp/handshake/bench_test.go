package handshake

import (
	"fmt"
	"testing"
)

func BenchmarkServer(b *testing.B) {
	for _, scheme := range schemes {
		b.Run(fmt.Sprintf("scheme=%d", scheme), func(b *testing.B) {
			_, stream := newTestClient(b, scheme)
			stream = append(stream, make([]byte, packetBytes)...)
			dst := make([]byte, 0, 1+2*packetBytes)
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, done, err := NewServer(Config{}).Feed(dst, stream); !done || err != nil {
					b.Fatal(done, err)
				}
			}
		})
	}
}
