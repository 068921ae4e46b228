package tcp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestBindErrorComesBeforeSuccess(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	_, err := m.Open(PortConfig{Address: p.listener.Addr().String(), Accept: echo})
	require.ErrorIs(t, err, unix.EADDRINUSE)
	_, err = m.Open(PortConfig{Address: "127.0.0.1:65536", Accept: echo})
	require.Error(t, err)
	_, err = m.Open(PortConfig{Address: "203.0.113.1:0", Accept: echo})
	require.ErrorIs(t, err, unix.EADDRNOTAVAIL)
	says(t, dial(t, p), "the port that was there is not disturbed")
}

func TestPortNumberIsKnownAtOnce(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	require.NotZero(t, p.Number())
	says(t, dialTo(t, fmt.Sprintf("127.0.0.1:%d", p.Number())), "x")
}

func TestClosedPortCanBeBoundAgainAtOnce(t *testing.T) {
	m := start(t, Config{Loops: 2})
	p := open(t, m, echo)
	address := p.listener.Addr().String()
	var living []net.Conn
	for range 10 {
		peer := dial(t, p)
		says(t, peer, "hello")
		living = append(living, peer)
		ended := dial(t, p)
		says(t, ended, "bye")
		p.Close()
		p.Close()
		_, err := net.Dial("tcp", address)
		require.ErrorIs(t, err, unix.ECONNREFUSED)
		p, err = m.Open(PortConfig{Address: address, Accept: echo})
		require.NoError(t, err)
		reset(ended)
	}
	for _, peer := range living {
		says(t, peer, "still here")
	}
}

// A port whose connections the server has closed itself leaves them in TIME_WAIT.
func TestPortCanBeBoundAgainAfterTheServerClosedItsConnections(t *testing.T) {
	m := start(t, Config{Loops: 1})
	closed := make(chan error, 1)
	bye := func(c *Conn) Handler {
		c.Close(errors.New("bye"))
		return &handler{closed: func(err error) { closed <- err }}
	}
	p := open(t, m, bye)
	address := p.listener.Addr().String()
	for range 5 {
		getsEnd(t, dial(t, p))
		require.EqualError(t, receive(t, closed), "bye")
		p.Close()
		var err error
		p, err = m.Open(PortConfig{Address: address, Accept: bye})
		require.NoError(t, err)
	}
}

func TestPortsOpenAndCloseUnderLoad(t *testing.T) {
	m := start(t, Config{Loops: 2})
	steady := open(t, m, echo)
	var all sync.WaitGroup
	for range 3 {
		peer := dial(t, steady)
		all.Go(func() {
			for i := range 300 {
				says(t, peer, fmt.Sprint("steady ", i))
			}
		})
		all.Go(func() {
			for i := range 30 {
				p := open(t, m, echo)
				peer, other := dial(t, p), dial(t, p)
				says(t, peer, fmt.Sprint("passing ", i))
				reset(other)
				p.Close()
				says(t, peer, "behind the close")
				_ = peer.Close()
			}
		})
	}
	all.Wait()
	eventually(t, func() bool { return m.Connections() == 3 }, "connections are left")
}

func TestIPv4AndIPv6(t *testing.T) {
	m := start(t, Config{Loops: 1})
	remotes := make(chan netip.AddrPort, 1)
	p, err := m.Open(PortConfig{Address: ":0", Accept: func(c *Conn) Handler {
		remotes <- c.Remote()
		return echo(c)
	}})
	require.NoError(t, err)
	addresses := []string{"127.0.0.1"}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		_ = l.Close()
		addresses = append(addresses, "::1")
	}
	for _, address := range addresses {
		peer := dialTo(t, net.JoinHostPort(address, fmt.Sprint(p.Number())))
		says(t, peer, "hello")
		remote := receive(t, remotes)
		require.Equal(t, address, remote.Addr().String(), "IPv4 in its short form")
		require.Equal(t, peer.LocalAddr().(*net.TCPAddr).Port, int(remote.Port()))
	}
	if len(addresses) == 2 {
		only6, err := m.Open(PortConfig{Address: "[::1]:0", Accept: echo})
		require.NoError(t, err)
		says(t, dial(t, only6), "hello")
	}
}

func TestManyPortsOnOneSetOfLoops(t *testing.T) {
	m := start(t, Config{Loops: 2})
	numbers := make(chan int, 1)
	for range 25 {
		p := open(t, m, func(c *Conn) Handler {
			numbers <- c.PortNumber()
			return echo(c)
		})
		says(t, dial(t, p), "hello")
		require.Equal(t, p.Number(), receive(t, numbers))
	}
	require.Equal(t, 25, m.Connections())
	require.Len(t, m.Loops(), 2)
}

func TestConnectionsSpreadOverLoops(t *testing.T) {
	m := start(t, Config{Loops: 4})
	loops := make(chan *Loop, 1)
	p := open(t, m, func(c *Conn) Handler {
		loops <- c.Loop()
		return echo(c)
	})
	count := make(map[int]int)
	var peers []*net.TCPConn
	for range 40 {
		peers = append(peers, dial(t, p))
		count[receive(t, loops).Index()]++
	}
	require.Equal(t, map[int]int{0: 10, 1: 10, 2: 10, 3: 10}, count)
	for _, peer := range peers {
		reset(peer)
	}
	eventually(t, func() bool { return m.Connections() == 0 }, "connections are left")
	for _, l := range m.Loops() {
		require.Zero(t, l.load.Load())
	}
}

func TestLostListenerIsReported(t *testing.T) {
	m := start(t, Config{Loops: 1})
	lost := make(chan error, 1)
	p, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: echo, Lost: func(err error) { lost <- err }})
	require.NoError(t, err)
	require.NoError(t, p.listener.Close())
	require.ErrorIs(t, receive(t, lost), net.ErrClosed)
	select {
	case <-p.closed:
	default:
		t.Fatal("the port is not closed")
	}
}

func TestClosedPortIsNotReportedAsLost(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: echo, Lost: func(err error) { t.Errorf("lost: %v", err) }})
	require.NoError(t, err)
	p.Close()
	m.Stop(t.Context()) // waits for the accept loop
}

func TestAcceptedSocketsHaveTheOptionsOfTheirPort(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, _ := accepted(t, m, &handler{})
	on(t, c.Loop(), func() {
		for _, option := range []struct{ level, name, want int }{
			{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
			{unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentBytes},
			{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout / time.Millisecond)},
			{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 15},
			{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 15},
			{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
		} {
			got, err := unix.GetsockoptInt(c.fd, option.level, option.name)
			require.NoError(t, err)
			require.Equal(t, option.want, got, "option %d", option.name)
		}
	})
}

func TestMerge(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, _ := accepted(t, m, &handler{})
	on(t, c.Loop(), func() {
		for _, merges := range []bool{true, false} {
			c.Merge(merges)
			noDelay, err := unix.GetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY)
			require.NoError(t, err)
			require.Equal(t, !merges, noDelay != 0)
		}
	})
}
