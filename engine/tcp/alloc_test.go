//go:build !race

package tcp

import (
	"io"
	"testing"

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
