package tcp

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"testing"
)

// BenchmarkMark is what a publication costs for each loop: a mark, its wake-up and the visit.
func BenchmarkMark(b *testing.B) {
	m := start(b, Config{Loops: 1})
	visited := make(chan struct{})
	task := m.Loops()[0].NewTask(func(int) (int, bool) { visited <- struct{}{}; return 1, false })
	b.ReportAllocs()
	for b.Loop() {
		task.Mark()
		<-visited
	}
}

// BenchmarkMarkAgain is the same for a task that is marked already.
func BenchmarkMarkAgain(b *testing.B) {
	m := start(b, Config{Loops: 1})
	task := m.Loops()[0].NewTask(func(int) (int, bool) { return 1, false })
	task.marked.Store(true)
	b.ReportAllocs()
	for b.Loop() {
		task.Mark()
	}
}

// BenchmarkWrite sends to a peer that reads as fast as it can.
func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{370, 10_000, 64 << 10} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			m := start(b, Config{Loops: 1})
			c, peer := accepted(b, m, &handler{})
			go func() { _, _ = io.Copy(io.Discard, peer) }()
			spans := [][]byte{make([]byte, size/2), make([]byte, size-size/2)}
			sent := make(chan struct{})
			left, pos := 0, 0
			task := c.Loop().NewTask(func(budget int) (int, bool) {
				for used := range budget {
					n, err := c.Write([][]byte{spans[0], spans[1]})
					if err != nil {
						panic(err)
					}
					if pos += n; pos >= left {
						close(sent)
						return used + 1, false
					}
				}
				return budget, true
			})
			b.SetBytes(int64(size))
			b.ResetTimer()
			left = size * b.N
			task.Mark()
			<-sent
		})
	}
}

// BenchmarkAccept opens a connection, gets one answer and ends it.
func BenchmarkAccept(b *testing.B) {
	m := start(b, Config{Loops: 2})
	p := open(b, m, echo)
	one := make([]byte, 1)
	b.ReportAllocs()
	for b.Loop() {
		c, err := net.Dial("tcp", p.listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Write(one); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, one); err != nil {
			b.Fatal(err)
		}
		reset(c.(*net.TCPConn))
	}
}

// BenchmarkWriteTLS seals and sends one span to a peer that takes the records as fast as it can and does not open them.
func BenchmarkWriteTLS(b *testing.B) {
	for _, size := range []int{370, 10_000, 64 << 10} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			m := start(b, Config{Loops: 1})
			c, peer, _ := acceptedTLS(b, m, tls.VersionTLS13, &handler{})
			go func() { _, _ = io.Copy(io.Discard, peer.NetConn()) }()
			span := [][]byte{make([]byte, size)}
			sent := make(chan struct{})
			left := 0
			task := c.Loop().NewTask(func(budget int) (int, bool) {
				for used := range budget {
					if !c.Flush() {
						return used + 1, true
					}
					n, err := c.Write(span)
					if err != nil {
						panic(err)
					}
					if left -= n; left <= 0 {
						close(sent)
						return used + 1, false
					}
				}
				return budget, true
			})
			b.SetBytes(int64(size))
			b.ReportAllocs()
			b.ResetTimer()
			left = size * b.N
			task.Mark()
			<-sent
		})
	}
}
