package config

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkParse shows that the time grows with the text only: the rate is about the same for all sizes.
func BenchmarkParse(b *testing.B) {
	for _, workflows := range []int{1, 100, 3000} {
		b.Run(fmt.Sprintf("workflows=%d", workflows), func(b *testing.B) {
			var text strings.Builder
			for i := range workflows {
				fmt.Fprintf(&text, "workflow \"show %d\" routed_by_reactor {\n"+
					"    rtmp_receive port=1935 rtmp_app=live stream_key=*  # from the studio\n"+
					"    rtmp_watch port=1935 rtmp_app=play stream_key=*\n"+
					"    ffmpeg_push target=rtmp://example.org/app/key?a=b&c=d\n}\n", i)
			}
			bytes := []byte(text.String())
			b.SetBytes(int64(len(bytes)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse("bench.config", bytes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
