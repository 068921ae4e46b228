package server_test

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mmids/rtmp/server"
)

// serversEnd returns the descriptor that this process, being the server, too, has for a peer's connection.
func serversEnd(t *testing.T, p *peer) int {
	t.Helper()
	client := p.conn.LocalAddr().(*net.TCPAddr).Port
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		require.NoError(t, err)
		remote, err := unix.Getpeername(fd)
		if a, ok := remote.(*unix.SockaddrInet4); err == nil && ok && a.Port == client {
			return fd
		}
	}
	t.Fatal("the server has no such connection")
	return -1
}

// A publisher that nobody watches is read in bulk; the first viewer ends that without waiting for the next tick. Only a tick
// begins it, so one that has just begun has nearly a second until the next.
func TestTheFirstViewerEndsReadingInBulk(t *testing.T) {
	const soon = 800 * time.Millisecond
	_, port := start(t, server.Config{})
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	fd := serversEnd(t, p)
	frame := append(bytes.Clone(key), make([]byte, 2000)...)
	at := uint32(0)
	sendUntil := func(what string, reached func(bytesWaitedFor int) bool) {
		t.Helper()
		require.Eventually(t, func() bool {
			at += 10
			p.send(video, at, frame...)
			n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT)
			return err == nil && reached(n)
		}, patience, 5*time.Millisecond, what)
	}
	var took []time.Duration
	for range 5 { // a slow machine may need more than one attempt to be in time
		sendUntil("reading in bulk begins", func(n int) bool { return n > 1 })
		began := time.Now()
		viewer := dial(t, port, "live").play("cam")
		viewer.want("play start")
		viewer.discard(new(atomic.Int64))
		sendUntil("reading in bulk ends", func(n int) bool { return n == 1 })
		took = append(took, time.Since(began))
		if took[len(took)-1] < soon {
			return
		}
		viewer.close()
	}
	t.Fatalf("it took %v", took)
}
