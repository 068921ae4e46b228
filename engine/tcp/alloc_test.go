//go:build !race

package tcp

import (
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// allocationsOn counts the allocations of f on a loop.
func allocationsOn(t *testing.T, l *Loop, f func()) (n float64) {
	t.Helper()
	on(t, l, func() { n = testing.AllocsPerRun(200, f) })
	return n
}

func TestWritingAllocatesNothing(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, peer := accepted(t, m, &handler{})
	go func() { _, _ = io.Copy(io.Discard, peer) }()
	one := [][]byte{make([]byte, 100)}
	several := [][]byte{make([]byte, 100), make([]byte, 200), make([]byte, 300)}
	message := make([]byte, 100)
	require.Zero(t, allocationsOn(t, c.Loop(), func() { _, _ = c.Write(one) }))
	require.Zero(t, allocationsOn(t, c.Loop(), func() { _, _ = c.Write(several) }))
	require.Zero(t, allocationsOn(t, c.Loop(), func() { c.Send(message) }))
}

func TestVisitsAllocateNothing(t *testing.T) {
	m := start(t, Config{Loops: 1})
	visited := make(chan struct{}, 1)
	var task *Task
	again := false // loop only
	task = m.Loops()[0].NewTask(func(int) (int, bool) {
		if again = !again; again {
			task.Later()
			task.Mark()
			return 1, true
		}
		select {
		case visited <- struct{}{}:
		default:
		}
		return 1, false
	})
	require.Zero(t, testing.AllocsPerRun(100, func() {
		task.Mark()
		<-visited
	}))
}

func TestDoAllocatesNothingOfItsOwn(t *testing.T) {
	m := start(t, Config{Loops: 1})
	done := make(chan struct{})
	f := func() { done <- struct{}{} }
	require.Zero(t, testing.AllocsPerRun(200, func() {
		m.Loops()[0].Do(f)
		<-done
	}))
}

func TestWritingWithTLSAllocatesNothing(t *testing.T) {
	m := start(t, Config{Loops: 1})
	for _, version := range tlsVersions {
		c, peer, _ := acceptedTLS(t, m, version, &handler{})
		go func() { _, _ = io.Copy(io.Discard, peer) }()
		one := [][]byte{make([]byte, 100)}
		several := [][]byte{make([]byte, 100), make([]byte, 2000), make([]byte, 30_000)}
		message := make([]byte, 100)
		require.Zero(t, allocationsOn(t, c.Loop(), func() { _, _ = c.Write(one) }))
		require.Zero(t, allocationsOn(t, c.Loop(), func() { _, _ = c.Write(several) }))
		require.Zero(t, allocationsOn(t, c.Loop(), func() { c.Send(message) }))
	}
}

func TestReadingInBulkAllocatesNothing(t *testing.T) {
	m := start(t, Config{Loops: 1})
	got := 0 // loop only
	c, peer := accepted(t, m, &handler{received: func(b []byte) error { got += len(b); return nil }})
	l := c.Loop()
	message := make([]byte, 100)
	on(t, l, func() { c.ReadInBulk(1000, endless) })
	const runs = 201 // AllocsPerRun does one more
	require.Zero(t, allocationsOn(t, l, func() {
		_, _ = peer.Write(message)
		c.ReadInBulk(1000, endless)
		l.readBulkNow()
	}))
	on(t, l, func() { require.Equal(t, runs*len(message), got, "all of it was read here") })
}

// A loop rests and wakes a thousand times a second.
func TestRestingAllocatesNothing(t *testing.T) {
	m := start(t, Config{Loops: 1})
	peer := dial(t, open(t, m, echo))
	says(t, peer, "hello")
	l := m.Loops()[0]
	rests := func() {
		for deadline := time.Now().Add(10 * time.Second); l.bed.state.Load() != resting && time.Now().Before(deadline); {
			runtime.Gosched()
		}
	}
	message := make([]byte, 10)
	require.Zero(t, testing.AllocsPerRun(200, func() {
		rests()
		_, _ = peer.Write(message)
		_, _ = io.ReadFull(peer, message)
	}), "woken by a socket")
	done := make(chan struct{})
	f := func() { done <- struct{}{} }
	require.Zero(t, testing.AllocsPerRun(200, func() {
		rests()
		l.Do(f)
		<-done
	}), "woken by a kick")
	rests()
	require.EqualValues(t, resting, l.bed.state.Load())
}
