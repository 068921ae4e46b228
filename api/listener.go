package api

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	acceptPauseMin = 5 * time.Millisecond
	acceptPauseMax = time.Second
)

// listener is a port that survives what can go wrong with accepting. fasthttp takes every error for the end, and
// running out of file descriptors for a moment must not end the API.
type listener struct {
	net.Listener
	log    zerolog.Logger
	close  sync.Once
	closed chan struct{}
}

func newListener(l net.Listener, log zerolog.Logger) *listener {
	return &listener{Listener: l, log: log, closed: make(chan struct{})}
}

// Accept waits for a connection. The only error it returns is net.ErrClosed.
func (l *listener) Accept() (net.Conn, error) {
	pause := acceptPauseMin
	for {
		conn, err := l.Listener.Accept()
		if err == nil {
			return conn, nil
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, net.ErrClosed
		}
		l.log.Warn().Err(err).Dur("pause", pause).Msg("connection cannot be accepted")
		select {
		case <-l.closed:
			return nil, net.ErrClosed
		case <-time.After(pause):
		}
		pause = min(2*pause, acceptPauseMax)
	}
}

// Close closes the port. Closing twice does nothing.
func (l *listener) Close() error {
	var err error
	l.close.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
	})
	return err
}
