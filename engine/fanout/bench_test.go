//go:build !race

package fanout

import (
	"fmt"
	"testing"
)

// BenchmarkFanout carries one frame with its audio to all viewers. What it leaves out is the send itself.
func BenchmarkFanout(b *testing.B) {
	for _, viewers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("viewers=%d", viewers), func(b *testing.B) {
			l := New(Config{}, testFormat{})
			defer l.Close()
			w := &world{t: b, Log: l}
			w.group, w.loop = w.newLoop()
			src := newSource()
			defer src.release()
			for range viewers {
				w.group.Add(new(countingSink), ViewerConfig{})
			}
			w.word("new")
			bytes := 0
			b.ReportAllocs()
			for b.Loop() {
				bytes += src.next(l)
				w.loop.run()
			}
			b.SetBytes(int64(bytes/b.N) * int64(viewers))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(viewers), "ns/viewer")
		})
	}
}

// BenchmarkAppend is what a stream costs that nobody watches.
func BenchmarkAppend(b *testing.B) {
	l := New(Config{}, testFormat{})
	defer l.Close()
	w := &world{t: b, Log: l}
	src := newSource()
	defer src.release()
	w.word("new")
	bytes := 0
	b.ReportAllocs()
	for b.Loop() {
		bytes += src.next(l)
	}
	b.SetBytes(int64(bytes / b.N))
}

// BenchmarkInterject answers a viewer that has part of a message.
func BenchmarkInterject(b *testing.B) {
	l := New(Config{}, testFormat{})
	defer l.Close()
	w := &world{t: b, Log: l}
	w.group, w.loop = w.newLoop()
	v := w.group.Add(new(countingSink), ViewerConfig{})
	w.feed("new K1@0 P1@40*30000")
	reply := interjection("reply")
	var view view
	l.borrow(&view)
	defer view.release()
	b.ReportAllocs()
	for b.Loop() {
		v.pos, v.whole = w.end-100, false
		v.hold(view.pieces[0])
		v.Interject(reply)
	}
}
