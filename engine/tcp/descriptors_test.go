package tcp

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mmids/engine/limits"
)

// TestOutOfDescriptors runs itself in a process of its own, which it lets run out of descriptors.
func TestOutOfDescriptors(t *testing.T) {
	const inside = "TCP_TEST_OUT_OF_DESCRIPTORS"
	if os.Getenv(inside) != "" {
		outOfDescriptors(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestOutOfDescriptors$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: TestOutOfDescriptors")
}

func outOfDescriptors(t *testing.T) {
	var log lockedBuffer
	var counters limits.Counters
	m, err := Start(Config{Loops: 2, Log: zerolog.New(&log), Limits: &counters})
	require.NoError(t, err)
	p := open(t, m, echo)
	address := p.listener.Addr().(*net.TCPAddr)
	descriptors := openDescriptors(t)
	before := dial(t, p)
	says(t, before, "before")
	// The engine works on a duplicate; that the original goes a little later must not leave room below.
	eventually(t, func() bool { return openDescriptors(t) == descriptors+2 }, "a descriptor too many")
	var sockets []int
	for range 6 { // connecting takes no further descriptor
		s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		require.NoError(t, unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: int64(patience.Seconds())}))
		sockets = append(sockets, s)
	}
	connect := func(s int) {
		t.Helper()
		require.NoError(t, unix.Connect(s, &unix.SockaddrInet4{Port: address.Port, Addr: [4]byte{127, 0, 0, 1}}))
	}
	limit := unix.Rlimit{Cur: 100, Max: 100}
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	var filled []int
	for {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == unix.EMFILE {
			break
		}
		require.NoError(t, err)
		filled = append(filled, fd)
	}

	// None left: connections wait in the backlog.
	connect(sockets[0])
	eventually(t, func() bool { return strings.Contains(log.String(), "cannot accept connections at the moment") }, "no warning")
	says(t, before, "the others are served")
	require.Zero(t, counters.Count(limits.Descriptors), "whoever waits is not turned away")

	// One left: the connection can be accepted but not handed to its loop.
	require.NoError(t, unix.Close(filled[0]))
	n, _ := unix.Read(sockets[0], make([]byte, 1))
	require.LessOrEqual(t, n, 0, "the connection is closed")
	eventually(t, func() bool { return m.TurnedAway() == 1 && m.Connections() == 1 }, "not counted")
	says(t, before, "the others are served")
	connect(sockets[1])
	n, _ = unix.Read(sockets[1], make([]byte, 1))
	require.LessOrEqual(t, n, 0, "the connection is closed")

	// Enough again: the port has survived.
	for _, fd := range filled[1:] {
		require.NoError(t, unix.Close(fd))
	}
	for i, s := range sockets[2:] {
		connect(s)
		what := fmt.Sprint("again ", i)
		_, err := unix.Write(s, []byte(what))
		require.NoError(t, err)
		got := make([]byte, 100)
		n, err := unix.Read(s, got)
		require.NoError(t, err)
		require.Equal(t, what, string(got[:n]))
	}
	eventually(t, func() bool { return m.Connections() == 5 && m.TurnedAway() == 2 }, "not counted")
	require.EqualValues(t, 2, counters.Count(limits.Descriptors))
	require.Equal(t, int64(5), m.loops[0].load.Load()+m.loops[1].load.Load())
	for _, s := range sockets {
		require.NoError(t, unix.Close(s))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m.Stop(ctx)
}

func TestStartWithoutDescriptors(t *testing.T) {
	const inside = "TCP_TEST_NO_DESCRIPTORS"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStartWithoutDescriptors$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "--- PASS: TestStartWithoutDescriptors")
		return
	}
	warmUp(t)
	descriptors := openDescriptors(t) // one of them is the directory that was read
	for room := range 40 {
		limit := unix.Rlimit{Cur: uint64(descriptors - 1 + room), Max: 1000}
		require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
		m, err := Start(Config{Loops: 4})
		limit.Cur = 1000
		require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
		if err == nil {
			require.Greater(t, room, 10)
			m.Stop(context.Background())
			require.Equal(t, descriptors, openDescriptors(t))
			return
		}
		require.Equal(t, descriptors, openDescriptors(t), "descriptors are left after: %v", err)
	}
	t.Fatal("never started")
}
