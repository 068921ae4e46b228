package session_test

import (
	"fmt"
	"testing"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// sink is a handler that accepts everything and keeps nothing.
type sink struct{ *session.Server }

func (s *sink) OnConnect(session.Connect)           { s.AcceptConnect() }
func (s *sink) OnPublish(p session.Publish)         { s.AcceptPublish(p.Request) }
func (s *sink) OnPlay(p session.Play)               { s.AcceptPlay(p.Request) }
func (*sink) OnStop(uint32, session.StopReason)     {}
func (*sink) OnMedia(uint32, uint8, uint32, []byte) {}
func (*sink) OnMetadata(uint32, session.Metadata)   {}
func (*sink) OnData(uint32, session.Data)           {}

func newSink(c session.ServerConfig) *session.Server {
	h := &sink{}
	h.Server = session.NewServer(c, h)
	return h.Server
}

func BenchmarkServerMedia(b *testing.B) {
	for _, size := range []int{200, 8 << 10} {
		b.Run(fmt.Sprintf("payload=%d", size), func(b *testing.B) {
			s := newSink(session.ServerConfig{})
			for _, m := range []chunk.Message{
				data(b, 20, 0, "connect", 1.0, object("app", "live")), data(b, 20, 1, "publish", 2.0, nil, "cam"),
			} {
				if err := s.Handle(&m); err != nil {
					b.Fatal(err)
				}
			}
			m := chunk.Message{Type: message.TypeVideo, StreamID: 1, Payload: make([]byte, size)}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Handle(&m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkServerPlay is all a server does for a player up to its first frame, which is what a crowd of them costs.
func BenchmarkServerPlay(b *testing.B) {
	messages := []chunk.Message{
		data(b, 20, 0, "connect", 1.0, object("app", "live", "flashVer", "LNX 10,0,32,18", "tcUrl", "rtmp://h/live")),
		data(b, 20, 0, "createStream", 2.0, nil),
		data(b, 20, 1, "play", 3.0, nil, "cam", -2000.0),
	}
	bytes := 0
	for _, m := range messages {
		bytes += len(m.Payload)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		s := newSink(session.ServerConfig{})
		s.Start()
		for _, m := range messages {
			if err := s.Handle(&m); err != nil {
				b.Fatal(err)
			}
		}
	}
}
