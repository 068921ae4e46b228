//go:build !race

package server

import (
	"testing"

	"mmids/engine/tcp"
)

// BenchmarkMayPlay asks the registry whether a client may watch, on all processors at once: what each play, publish,
// connect and close do under the one lock that all connections share.
func BenchmarkMayPlay(b *testing.B) {
	s := &Server{registry: registry{ports: make(map[int]*port)}}
	r := &Registration{server: s, kind: forWatchers, request: Request{Port: 1935, App: "live", Key: "*"}}
	a := &app{live: make(map[string]livePublisher)}
	a.lists[forWatchers] = []*Registration{r}
	p := &port{number: 1935, apps: map[string]*app{"live": a}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c := &conn{server: s, port: p, app: "live", tcp: new(tcp.Conn)}
		for pb.Next() {
			if _, no := s.mayPlay(c, "key"); no != nil {
				b.Error(no.description)
			}
		}
	})
}
