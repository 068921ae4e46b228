//go:build !race

package fanout

import (
	"fmt"
	"sync"
	"testing"
)

// The benchmarks of this file are about what loops share with each other, the suspects for a bound on machines with many
// more cores than it takes to run them.

// BenchmarkPublishToLoops is what the stream's goroutine does for each frame, by the number of loops that have viewers.
func BenchmarkPublishToLoops(b *testing.B) {
	for _, loops := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprintf("loops=%d", loops), func(b *testing.B) {
			l := New(Config{}, testFormat{})
			defer l.Close()
			w := &world{t: b, Log: l}
			tasks := make([]*task, loops)
			for i := range tasks {
				var g *Group
				g, tasks[i] = w.newLoop()
				g.Add(new(countingSink), ViewerConfig{})
			}
			src := newSource()
			defer src.release()
			w.word("new")
			b.ReportAllocs()
			for b.Loop() {
				src.next(l)
				b.StopTimer()
				for _, t := range tasks {
					t.run()
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(loops), "ns/loop")
		})
	}
}

// BenchmarkBorrow is what a visit takes from the log, while other loops do the same: the lock, and a count on each
// segment. 26 segments are 5 s of 2.6 Mbit/s.
func BenchmarkBorrow(b *testing.B) {
	for _, loops := range []int{1, 2} {
		b.Run(fmt.Sprintf("at_once=%d", loops), func(b *testing.B) {
			l := New(Config{}, testFormat{})
			defer l.Close()
			w := &world{t: b, Log: l}
			w.group, w.loop = w.newLoop()
			w.group.Add(new(countingSink), ViewerConfig{})
			src := newSource()
			defer src.release()
			w.word("new")
			for range 5 * 30 {
				src.next(l)
				w.loop.run()
			}
			var others sync.WaitGroup
			defer others.Wait()
			done := make(chan struct{})
			defer close(done)
			for range loops - 1 {
				others.Go(func() {
					var v view
					for {
						select {
						case <-done:
							return
						default:
							l.borrow(&v)
							v.release()
						}
					}
				})
			}
			var v view
			b.ReportAllocs()
			for b.Loop() {
				l.borrow(&v)
				v.release()
			}
		})
	}
}
