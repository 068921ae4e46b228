package tcp

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
)

func TestConnectionsMax(t *testing.T) {
	var counters limits.Counters
	m := start(t, Config{Loops: 2, ConnectionsMax: 3, Limits: &counters})
	one, other := open(t, m, echo), open(t, m, echo)
	var peers []*net.TCPConn
	for i := range 3 {
		peers = append(peers, dial(t, []*Port{one, other}[i%2]))
		says(t, peers[i], "hello")
	}
	require.Zero(t, counters.Count(limits.Connections), "at the limit")
	getsEnd(t, dial(t, other))
	require.Equal(t, uint64(1), m.TurnedAway())
	require.EqualValues(t, 1, counters.Count(limits.Connections))
	require.Equal(t, 3, m.Connections())
	reset(peers[0])
	eventually(t, func() bool { return m.Connections() == 2 }, "the connection is still counted")
	says(t, dial(t, other), "there is room again")
	says(t, peers[1], "nobody else has noticed")
}

func TestConnectionsPerAddressMax(t *testing.T) {
	var counters limits.Counters
	m := start(t, Config{Loops: 1, ConnectionsPerAddressMax: 2, Limits: &counters})
	p := open(t, m, echo)
	from := func(address string) *net.TCPConn {
		d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 0))}
		c, err := d.Dial("tcp", p.listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c.(*net.TCPConn)
	}
	first := from("127.0.0.1")
	says(t, first, "one")
	says(t, from("127.0.0.1"), "two")
	require.Zero(t, counters.Count(limits.ConnectionsPerAddress), "at the limit")
	getsEnd(t, from("127.0.0.1"))
	require.EqualValues(t, 1, counters.Count(limits.ConnectionsPerAddress))
	says(t, from("127.0.0.2"), "another address has its own")
	reset(first)
	eventually(t, func() bool { return m.Connections() == 2 }, "the connection is still counted")
	says(t, from("127.0.0.1"), "again")
	m.mu.Lock()
	defer m.mu.Unlock()
	require.Len(t, m.byAddress, 2)
}

// An address has no more connections for never coming to the point: they count from the moment that they are accepted.
func TestSilentConnectionsCountForTheirAddress(t *testing.T) {
	var counters limits.Counters
	m := start(t, Config{Loops: 1, ConnectionsPerAddressMax: 2, Limits: &counters})
	accepted := func(*Conn) Handler { panic("a handler before the handshake") }
	p := openTLS(t, m, accepted)
	dial(t, p)
	dial(t, p)
	eventually(t, func() bool { return m.Connections() == 2 }, "the connections are not counted")
	getsEnd(t, dial(t, p))
	require.EqualValues(t, 1, counters.Count(limits.ConnectionsPerAddress))
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	m := start(t, Config{Loops: 1, ConnectionsPerAddressMax: 2})
	admit := func(address string) error { return m.admit(netip.MustParseAddr(address), false) }
	require.NoError(t, admit("2001:db8::1"))
	require.NoError(t, admit("2001:db8::2:3:4:5"))
	require.Error(t, admit("2001:db8::6"))
	require.NoError(t, admit("2001:db8:0:1::1"), "the neighbour")
	require.NoError(t, admit("192.0.2.1"))
	require.NoError(t, admit("192.0.2.2"))
	require.NoError(t, admit("192.0.2.2"))
	require.Error(t, admit("192.0.2.2"))
	for _, address := range []string{"2001:db8::1", "2001:db8::1", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2", "192.0.2.2"} {
		m.dismiss(netip.MustParseAddr(address), false)
	}
	require.Empty(t, m.byAddress)
}

// Strangers must not be able to take the room of the server's own helpers, nor the helpers that of their machine.
func TestExemptPort(t *testing.T) {
	f := func(name string, config Config, helpers, strangers int) {
		t.Run(name, func(t *testing.T) {
			m := start(t, config)
			own, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: echo, Exempt: true})
			require.NoError(t, err)
			public := open(t, m, echo)
			for range helpers {
				says(t, dial(t, own), "helper")
			}
			for range strangers {
				says(t, dial(t, public), "stranger")
			}
			getsEnd(t, dial(t, public))
			says(t, dial(t, own), "another helper")
		})
	}
	f("of one address", Config{Loops: 1, ConnectionsPerAddressMax: 2}, 3, 2)
	f("in all", Config{Loops: 1, ConnectionsMax: 2}, 3, 0)
}

func TestAddressesAreForgotten(t *testing.T) {
	m := start(t, Config{Loops: 1})
	peer := dial(t, open(t, m, echo))
	says(t, peer, "hello")
	reset(peer)
	eventually(t, func() bool { return m.Connections() == 0 }, "the connection is still counted")
	m.mu.Lock()
	defer m.mu.Unlock()
	require.Empty(t, m.byAddress)
}

// gnet reports a connection as enrolled when its loop could not watch the socket, and never opens it.
func TestConnectionThatTheLoopCannotWatchIsNotCounted(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	from := netip.MustParseAddrPort("127.0.0.1:1")
	require.NoError(t, m.admit(from.Addr(), false))
	result := make(chan gnet.RegisteredResult, 1)
	result <- gnet.RegisteredResult{}
	close(result)
	m.enrolled.add(&Conn{port: p, loop: m.pick(), remote: from, config: &m.config}, result)
	eventually(t, func() bool { return m.TurnedAway() == 1 }, "not noticed")
	require.Zero(t, m.Connections())
	require.Zero(t, m.loops[0].load.Load())
}

func TestAcceptingWaitsWhenTooManyAreOnTheirWay(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	from := netip.MustParseAddrPort("127.0.0.1:1")
	var results []chan gnet.RegisteredResult
	for range enrolmentsMax {
		require.NoError(t, m.admit(from.Addr(), false))
		results = append(results, make(chan gnet.RegisteredResult, 1))
	}
	add := func(r chan gnet.RegisteredResult) {
		m.enrolled.add(&Conn{port: p, loop: m.pick(), remote: from, config: &m.config}, r)
	}
	last := len(results) - 1
	for _, r := range results[:last] {
		add(r)
	}
	added := make(chan struct{})
	go func() {
		add(results[last])
		close(added)
	}()
	for _, r := range results {
		select {
		case <-added:
			t.Fatal("it did not wait")
		default:
		}
		r <- gnet.RegisteredResult{Err: errors.New("no descriptor")}
		close(r)
	}
	<-added
	require.Zero(t, m.Connections())
	require.Empty(t, m.enrolled.list)
}

func TestLoadIsTakenBackWhenALoopRefuses(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	from := netip.MustParseAddrPort("127.0.0.1:1")
	require.NoError(t, m.admit(from.Addr(), false))
	result := make(chan gnet.RegisteredResult, 1)
	result <- gnet.RegisteredResult{Err: errors.New("no descriptor")}
	close(result)
	m.enrolled.add(&Conn{port: p, loop: m.pick(), remote: from, config: &m.config}, result)
	eventually(t, func() bool { return m.TurnedAway() == 1 }, "not noticed")
	require.Zero(t, m.Connections())
	require.Zero(t, m.loops[0].load.Load())
}

// lockedBuffer collects a log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestRefusalsDoNotFloodTheLog(t *testing.T) {
	var log lockedBuffer
	var counters limits.Counters
	m := start(t, Config{Loops: 1, ConnectionsMax: 1, RefusalLinesMax: 2, Limits: &counters, Log: zerolog.New(&log)})
	p := open(t, m, echo)
	says(t, dial(t, p), "hello")
	for range 200 {
		getsEnd(t, dial(t, p))
	}
	require.Equal(t, uint64(200), m.TurnedAway())
	require.Contains(t, log.String(), "all 1 connections are in use")
	p.Close() // tells of what was left out
	lines := strings.Count(log.String(), "connection turned away")
	require.Less(t, lines, 200)
	require.EqualValues(t, 200-lines, counters.Count(limits.RefusalLines))
	require.Contains(t, log.String(), "further lines about clients of this port were left out")
}

func TestComplaintsHaveALevel(t *testing.T) {
	var log lockedBuffer
	logger := zerolog.New(&log).Level(zerolog.WarnLevel)
	m := start(t, Config{Loops: 1, RefusalLinesMax: 1})
	c, _ := accepted(t, m, &handler{})
	for range 5 {
		c.Complain(&logger, zerolog.InfoLevel).Msg("what nobody wants to know uses nothing up")
	}
	c.Complain(&logger, zerolog.WarnLevel).Msg("the first")
	c.Complain(&logger, zerolog.WarnLevel).Msg("the second")
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), "the first")
	require.Contains(t, log.String(), `"ip":"127.0.0.1"`)
}

// Clients that come and go as fast as they can do not fill the log.
func TestNotesDoNotFloodTheLog(t *testing.T) {
	var log, sum lockedBuffer
	var counters limits.Counters
	logger := zerolog.New(&log)
	m := start(t, Config{Loops: 1, Limits: &counters, Log: zerolog.New(&sum)})
	c, _ := accepted(t, m, &handler{})
	for range 1000 {
		c.Note(&logger, zerolog.DebugLevel).Msg("came")
	}
	written := strings.Count(log.String(), "came")
	require.GreaterOrEqual(t, written, clientLinesPerSecond)
	require.Less(t, written, 1000)
	require.EqualValues(t, 1000-written, counters.Count(limits.ClientLines))
	require.Zero(t, counters.Count(limits.RefusalLines), "those have lines of their own")
	c.port.Close() // tells of what was left out
	require.Contains(t, sum.String(), "further lines about clients that came or went were left out")
}

func TestPortThatDoesNotAccept(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, func(*Conn) Handler { return nil })
	getsEnd(t, dial(t, p))
	eventually(t, func() bool { return m.Connections() == 0 }, "the connection is still counted")
}
