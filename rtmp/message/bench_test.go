package message_test

import (
	"testing"

	"mmids/amf"
	"mmids/rtmp/message"
)

func BenchmarkParse(b *testing.B) {
	connect := amf.AppendNumber(amf.AppendString(nil, "connect"), 1)
	connect, _ = amf.Append(connect, &amf.Object{Properties: []amf.Property{
		{Name: "app", Value: "live"}, {Name: "flashVer", Value: "FMLE/3.0 (compatible; Lavf61.1.100)"},
		{Name: "tcUrl", Value: "rtmp://127.0.0.1:1935/live"}, {Name: "type", Value: "nonprivate"},
	}})
	for _, c := range []struct {
		name string
		typ  uint8
		body []byte
	}{
		{"message=video", message.TypeVideo, make([]byte, 8<<10)},
		{"message=acknowledgement", message.TypeAcknowledgement, make([]byte, 4)},
		{"message=connect", message.TypeCommandAMF0, connect},
	} {
		b.Run(c.name, func(b *testing.B) {
			var p message.Parser
			m := wire(c.typ, c.body)
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Parse(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
