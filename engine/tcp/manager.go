package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"mmids/engine/limits"
)

// Manager runs the event loops and hands connections to them.
type Manager struct {
	config Config
	client *gnet.Client
	loops  []*Loop

	enrolled   enrolments
	accepting  sync.WaitGroup // accept loops
	ticking    sync.WaitGroup
	handshakes sync.WaitGroup // of TLS; begun by the loops
	done       chan struct{}  // ends the ticker
	stopping   sync.Once

	mu        sync.Mutex
	ports     map[*Port]struct{}
	open      int
	byAddress map[netip.Addr]int
	admitted  uint64
	stopped   bool

	refused atomic.Uint64
	rates   rates
}

// Start starts the event loops. Stop must be called to end them.
func Start(config Config) (*Manager, error) {
	m := &Manager{
		config:    config.withDefaults(),
		done:      make(chan struct{}),
		ports:     make(map[*Port]struct{}),
		byAddress: make(map[netip.Addr]int),
	}
	client, err := gnet.NewClient(&engine{manager: m},
		gnet.WithNumEventLoop(m.config.Loops),
		gnet.WithReadBufferCap(readBufferBytes),
		gnet.WithLogger(gnetLogger{m.config.Log}),
	)
	if err != nil {
		return nil, fmt.Errorf("event loops: %w", err)
	}
	m.client = client
	if err := client.Start(); err != nil {
		return nil, fmt.Errorf("event loops: %w", err)
	}
	for i := range m.config.Loops {
		if err := m.addLoop(i); err != nil {
			m.endLoops()
			return nil, err
		}
	}
	m.ticking.Go(m.tick)
	return m, nil
}

// addLoop puts one end of a socket pair on a loop of its own. gnet has no list of loops, but it gives a new
// connection to the loop with the fewest, so each pair lands on another one.
func (m *Manager) addLoop(index int) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	file := os.NewFile(uintptr(pair[0]), "loop")
	end, err := net.FileConn(file)
	_ = file.Close()
	if err != nil {
		_ = unix.Close(pair[1])
		return fmt.Errorf("control socket: %w", err)
	}
	l := newLoop(m, index)
	l.wakeFD = pair[1]
	c, err := m.client.EnrollContext(end, l)
	if err != nil {
		_ = unix.Close(pair[1])
		return fmt.Errorf("control socket: %w", err)
	}
	l.el = c.EventLoop()
	for _, other := range m.loops {
		if other.el == l.el {
			_ = unix.Close(pair[1])
			return errors.New("event loops: two control sockets on one loop")
		}
	}
	if err := l.bed.make(c.Fd()); err != nil {
		_ = unix.Close(pair[1])
		return fmt.Errorf("event loops: %w", err)
	}
	m.loops = append(m.loops, l)
	l.rise()
	return nil
}

// Loops returns the event loops, in the order of their index.
func (m *Manager) Loops() []*Loop { return m.loops }

// Connections returns the number of open connections over all ports.
func (m *Manager) Connections() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open
}

// Stop closes all ports and connections and ends the loops. Handlers are told of the close. Until ctx ends, it
// first gives connections that have been closed with a last message the time to take it. Every caller returns when
// all has ended.
func (m *Manager) Stop(ctx context.Context) { m.stopping.Do(func() { m.stop(ctx) }) }

func (m *Manager) stop(ctx context.Context) {
	m.mu.Lock()
	m.stopped = true
	ports := m.ports
	m.ports = nil
	m.mu.Unlock()
	for p := range ports {
		p.Close()
	}
	// A connection on its way to a loop that has ended would wait for it for ever.
	m.accepting.Wait()
	m.enrolled.sweep(true)
	m.drain(ctx)
	close(m.done)
	m.ticking.Wait()
	m.endLoops()
}

// drain waits until no connection is left that is ending with a last message, or ctx ends. That the kernel has taken
// the message is not enough: if the peer has sent something meanwhile, a close now would throw the message away.
func (m *Manager) drain(ctx context.Context) {
	poll := time.NewTicker(retryInterval)
	defer poll.Stop()
	for {
		waiting := 0
		for _, l := range m.loops {
			n := make(chan int, 1)
			if !l.Do(func() { n <- l.closing() }) {
				continue
			}
			select {
			case k := <-n:
				waiting += k
			case <-ctx.Done():
				return
			}
		}
		if waiting == 0 {
			return
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return
		}
	}
}

func (l *Loop) closing() (n int) {
	for c := range l.conns {
		if c.closing {
			n++
		}
	}
	return n
}

func (m *Manager) endLoops() {
	for _, l := range m.loops {
		l.stop()
	}
	if err := m.client.Stop(); err != nil {
		m.config.Log.Warn().Err(err).Msg("event loops did not end cleanly")
	}
	m.handshakes.Wait() // their connections have been closed
	for _, l := range m.loops {
		l.finish()
	}
}

// pick returns the loop with the fewest connections, so that the viewers of a stream spread over all loops, and announces
// one to it.
func (m *Manager) pick() *Loop {
	best := m.loops[0]
	for _, l := range m.loops[1:] {
		if l.load.Load() < best.load.Load() {
			best = l
		}
	}
	best.load.Add(1)
	best.announced.Add(1)
	return best
}

// admit counts a connection in, or says why not. One that is exempt is not refused for want of room.
func (m *Manager) admit(from netip.Addr, exempt bool) error {
	from = countedAs(from)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.stopped:
		return errors.New("the server is stopping")
	case exempt:
	case m.open >= m.config.ConnectionsMax:
		m.config.Limits.Exceeded(limits.Connections)
		return fmt.Errorf("all %d connections are in use", m.config.ConnectionsMax)
	case m.config.ConnectionsPerAddressMax > 0 && m.byAddress[from] >= m.config.ConnectionsPerAddressMax:
		m.config.Limits.Exceeded(limits.ConnectionsPerAddress)
		return fmt.Errorf("the address has %d connections, the most that one may have", m.config.ConnectionsPerAddressMax)
	}
	m.open++
	m.admitted++
	if !exempt {
		m.byAddress[from]++
	}
	return nil
}

func (m *Manager) dismiss(from netip.Addr, exempt bool) {
	from = countedAs(from)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open--
	if exempt {
		return
	}
	if m.byAddress[from]--; m.byAddress[from] <= 0 {
		delete(m.byAddress, from)
	}
}

// countedAs is what an address counts as. Whoever has one address of IPv6 has the 2⁶⁴ of its network.
func countedAs(from netip.Addr) netip.Addr {
	if !from.Is6() {
		return from
	}
	network, err := from.Prefix(64)
	if err != nil {
		return from
	}
	return network.Addr()
}
