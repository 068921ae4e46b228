package tcp

import (
	"bytes"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestEpollOfASocket(t *testing.T) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	require.NoError(t, err)
	defer func() { require.NoError(t, unix.Close(epoll)) }()
	var pipe [2]int
	require.NoError(t, unix.Pipe2(pipe[:], unix.O_CLOEXEC))
	defer func() { require.NoError(t, unix.Close(pipe[0])) }()
	defer func() { require.NoError(t, unix.Close(pipe[1])) }()
	_, err = epollOf(pipe[0])
	require.ErrorContains(t, err, "no epoll instance watches")

	require.NoError(t, unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, pipe[0], &unix.EpollEvent{Events: unix.EPOLLIN}))
	found, err := epollOf(pipe[0])
	require.NoError(t, err)
	require.Equal(t, epoll, found)
	_, err = epollOf(pipe[1])
	require.ErrorContains(t, err, "no epoll instance watches")
}

// TestWhereALoopWaits goes through both places: what is asked of the loop is done wherever it waits.
func TestWhereALoopWaits(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	waits := func(where int32) {
		t.Helper()
		eventually(t, func() bool { return l.bed.state.Load() == where }, "it does not wait there")
		for range 100 {
			on(t, l, func() { require.EqualValues(t, awake, l.bed.state.Load()) })
		}
		eventually(t, func() bool { return l.bed.state.Load() == where }, "it does not come back")
	}
	waits(resting)

	p := open(t, m, echo)
	peer := dial(t, p)
	says(t, peer, "a socket wakes it")
	waits(resting)

	l.announced.Add(1) // a connection that does not come
	l.kick()
	eventually(t, func() bool { return l.bed.state.Load() == polling }, "it does not wait for the connection")
	says(t, peer, "a socket is served")
	done := make(chan struct{})
	for range 100 {
		require.True(t, l.Do(func() { done <- struct{}{} }))
		<-done
	}
	l.announced.Add(-1) // it is known that it never will
	l.kick()
	waits(resting)
}

// TestLoopsWithoutProc: where /proc is not mounted they wait in gnet, and do all the same.
func TestLoopsWithoutProc(t *testing.T) {
	mounted := ownProcess
	ownProcess = t.TempDir()
	defer func() { ownProcess = mounted }()
	var lines bytes.Buffer
	m := start(t, Config{Loops: 1, Log: zerolog.New(&lines)})
	require.Contains(t, lines.String(), "is /proc mounted?")
	l := m.Loops()[0]
	eventually(t, func() bool { return l.bed.state.Load() == polling }, "it does not wait in gnet")

	peer := dial(t, open(t, m, echo))
	done := make(chan struct{})
	for range 100 {
		says(t, peer, "a socket is served")
		require.True(t, l.Do(func() { done <- struct{}{} }))
		<-done
	}
}
