package tcp

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// start's cleanup checks that no goroutine and no descriptor is left.
func TestStopClosesEverything(t *testing.T) {
	m := start(t, Config{Loops: 2})
	var closed atomic.Int32
	accept := func(c *Conn) Handler {
		return &handler{
			received: func(b []byte) error { c.Send(b); return nil },
			closed:   func(error) { closed.Add(1) },
		}
	}
	var peers []net.Conn
	var ports []*Port
	for range 5 {
		p := open(t, m, accept)
		ports = append(ports, p)
		for range 10 {
			peers = append(peers, dial(t, p))
			says(t, peers[len(peers)-1], "hello")
		}
	}
	m.Stop(t.Context())
	require.Equal(t, int32(50), closed.Load())
	for _, peer := range peers {
		getsEnd(t, peer)
		require.NoError(t, peer.Close())
	}
	for _, p := range ports {
		_, err := net.Dial("tcp", p.listener.Addr().String())
		require.Error(t, err)
		p.Close()
	}
	_, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: echo})
	require.EqualError(t, err, "the server is stopping")
	l := m.Loops()[0]
	require.False(t, l.Do(func() { t.Error("runs on a loop that has stopped") }))
	task := l.NewTask(func(int) (int, bool) { t.Error("visited"); return 0, false })
	task.Mark()
	require.Empty(t, l.marked)
}

func TestStopWhileConnectionsArrive(t *testing.T) {
	for range 10 {
		warmUp(t)
		descriptors := openDescriptors(t)
		m, err := Start(Config{Loops: 2})
		require.NoError(t, err)
		p := open(t, m, echo)
		address := p.listener.Addr().String()
		var dialing sync.WaitGroup
		first := make(chan struct{})
		var once sync.Once
		for range 4 {
			dialing.Go(func() {
				for {
					c, err := net.Dial("tcp", address)
					if err != nil {
						return
					}
					once.Do(func() { close(first) })
					_, _ = c.Write([]byte("x"))
					_ = c.Close()
				}
			})
		}
		receive(t, first)
		var stopping sync.WaitGroup
		for range 3 { // every caller returns when all has ended
			stopping.Go(func() {
				m.Stop(context.Background())
				if m.Connections() != 0 {
					t.Error("connections are left")
				}
			})
		}
		stopping.Wait()
		dialing.Wait()
		nothingLeft(t, m, descriptors)
	}
}

// Whoever waits for what he asked for must not wait for ever.
func TestDoEitherRunsOrRefuses(t *testing.T) {
	for range 10 {
		m, err := Start(Config{Loops: 2})
		require.NoError(t, err)
		var granted, ran atomic.Int64
		var asking sync.WaitGroup
		for range 4 {
			asking.Go(func() {
				for i := 0; ; i++ {
					if !m.Loops()[i%2].Do(func() { ran.Add(1) }) {
						return
					}
					granted.Add(1)
				}
			})
		}
		eventually(t, func() bool { return granted.Load() > 100 }, "nothing is granted")
		m.Stop(context.Background())
		asking.Wait()
		require.Equal(t, granted.Load(), ran.Load())
	}
}

func TestWhatTheLoopDidNotComeToIsRunAtTheEnd(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := newLoop(m, 1) // one that nobody runs
	var err error
	l.wakeFD, err = unix.Dup(0)
	require.NoError(t, err)
	l.kicked.Store(true)
	var ran []int
	require.True(t, l.Do(func() { ran = append(ran, 1) }))
	require.True(t, l.Do(func() { panic("oops") }))
	require.True(t, l.Do(func() { ran = append(ran, 2) }))
	l.stop()
	l.stop()
	require.False(t, l.Do(func() { ran = append(ran, 3) }))
	l.finish()
	l.finish()
	require.Equal(t, []int{1, 2}, ran)
}

func TestStopWaitsForLastMessagesNoLongerThanItsContext(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, _ := accepted(t, m, &handler{})
	on(t, c.Loop(), func() { c.CloseAfterFlush(errors.New("bye")) }) // the peer never closes
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	begin := time.Now()
	go func() {
		m.Stop(ctx)
		close(stopped)
	}()
	eventually(t, func() bool { return time.Since(begin) > 4*retryInterval }, "time stands still")
	select {
	case <-stopped:
		t.Fatal("did not wait")
	default:
	}
	cancel()
	receive(t, stopped)
}

func TestStopDuringWork(t *testing.T) {
	m := start(t, Config{Loops: 2})
	p := open(t, m, echo)
	peer := dial(t, p)
	says(t, peer, "hello")
	var tasks []*Task
	for _, l := range m.Loops() {
		tasks = append(tasks, l.NewTask(func(budget int) (int, bool) { return budget, true }))
	}
	var working sync.WaitGroup
	done := make(chan struct{})
	for _, task := range tasks {
		working.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					task.Mark()
				}
			}
		})
	}
	m.Stop(context.Background())
	close(done)
	working.Wait()
}
