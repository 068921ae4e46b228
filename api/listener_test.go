package api

import (
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// scriptedListener fails as often as told, then hands out a connection, then waits for its end.
type scriptedListener struct {
	net.Listener
	failures atomic.Int32
	closed   chan struct{}
}

func (l *scriptedListener) Accept() (net.Conn, error) {
	if l.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	select {
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Err: net.ErrClosed}
	default:
		return &net.TCPConn{}, nil
	}
}

func (l *scriptedListener) Close() error { close(l.closed); return nil }

func TestAcceptSurvivesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := &scriptedListener{closed: make(chan struct{})}
		script.failures.Store(10)
		l := newListener(script, zerolog.Nop())
		begin := time.Now()
		_, err := l.Accept()
		require.NoError(t, err)
		// 5, 10, 20 … 640 ms are eight pauses, then two of a second.
		require.Equal(t, 1275*time.Millisecond+2*time.Second, time.Since(begin))

		begin = time.Now()
		_, err = l.Accept()
		require.NoError(t, err)
		require.Zero(t, time.Since(begin))
	})
}

func TestCloseEndsAnAcceptThatPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := &scriptedListener{closed: make(chan struct{})}
		script.failures.Store(1 << 20)
		l := newListener(script, zerolog.Nop())
		result := make(chan error)
		go func() {
			_, err := l.Accept()
			result <- err
		}()
		synctest.Wait()
		begin := time.Now()
		require.NoError(t, l.Close())
		require.NoError(t, l.Close())
		require.Equal(t, net.ErrClosed, <-result)
		require.Zero(t, time.Since(begin))

		script.failures.Store(0)
		_, err := l.Accept()
		require.Equal(t, net.ErrClosed, err)
	})
}
