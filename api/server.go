package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"mmids/engine/figures"
	"mmids/engine/limits"
)

const (
	// writeTimeout bounds the sending of an answer. Handlers that stream set their own deadline.
	writeTimeout = 30 * time.Second

	// idleTimeout is how long a connection may wait for its next request.
	idleTimeout = 60 * time.Second
)

// Config says where a server listens and what it answers.
type Config struct {
	// Address is host and port. Without host it is 127.0.0.1; to listen on all addresses write 0.0.0.0 or [::]. Port 0
	// lets the kernel choose.
	Address string
	// Token is what requests need as their bearer token, but for open routes. Empty means that whoever reaches the port
	// may do everything, except for web pages.
	Token string
	// Router is the routing table. It must not change any more.
	Router *Router
	// Limits bound what clients may ask for. The zero value means the defaults.
	Limits Limits
	// Log is the parent of the server's loggers.
	Log zerolog.Logger
}

// Server answers HTTP requests. Its life is Listen, Serve, Shutdown.
type Server struct {
	router   *Router
	access   atomic.Pointer[access]
	limits   Limits
	log      zerolog.Logger
	listener *listener
	http     *fasthttp.Server
	done     chan struct{} // closed when the goroutine of Serve ends; nil before
	times    figures.Stopwatch
	closing  context.Context
	close    context.CancelFunc // ends answers that would go on
}

// Listen binds the address. When it returns without error the port is ours, and connections wait for Serve.
func Listen(c Config) (*Server, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	bound, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	log := c.Log.With().Str("target", "api").Logger()
	if err := pretouch(); err != nil {
		log.Warn().Err(err).Msg("the first answers will be slower")
	}
	if !bound.Addr().(*net.TCPAddr).IP.IsLoopback() && c.Token == "" {
		log.Warn().Stringer("address", bound.Addr()).Msg("the HTTP API has no token, and others than this machine can reach it")
	}
	s := &Server{router: c.Router, limits: c.Limits.withDefaults(), log: log, listener: newListener(bound, log)}
	s.SetToken(c.Token)
	s.closing, s.close = context.WithCancel(context.Background())
	s.http = &fasthttp.Server{
		Handler:      s.handle,
		ErrorHandler: s.handleUnreadable,
		Logger:       fasthttpLog{log},

		// Handlers read bodies themselves, so a request that is refused by its header costs no memory, and a
		// body that is too large is answered like any other request.
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,

		Concurrency:    s.limits.ConnectionsMax,
		ReadBufferSize: s.limits.HeaderBytesMax,
		ReadTimeout:    s.limits.ReadTimeout,
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,

		CloseOnShutdown:       true,
		NoDefaultServerHeader: true,
		NoDefaultContentType:  true,
		SecureErrorLogMessage: true,
	}
	s.limits.Counters.CountedBy(limits.HTTPConnections, func() uint64 { return uint64(s.http.GetRejectedConnectionsCount()) })
	return s, nil
}

// SetToken changes the token, for requests that come from now on. See [Config].
func (s *Server) SetToken(token string) {
	a := newAccess(token)
	s.access.Store(&a)
}

// Times are how long answers took, without those that have no end of their own. Any goroutine.
func (s *Server) Times() figures.Times { return s.times.Times() }

// Addr returns the address that is bound, with the port that the kernel chose.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve begins to answer requests, on goroutines of its own. It is called once.
func (s *Server) Serve() {
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		if err := s.http.Serve(s.listener); err != nil {
			s.log.Error().Err(err).Msg("HTTP API ends")
		}
	}()
	s.log.Info().Stringer("address", s.Addr()).Msg("HTTP API listens")
}

// Shutdown closes the port, ends answers that would go on, lets other running requests finish and returns when they have, or
// with ctx's error. It may be called without Serve, and from the goroutine that called Serve or one that knows of it.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.listener.Close()
	s.close()
	if s.done == nil {
		return err
	}
	// Serve may not have come as far as telling fasthttp of the listener. With the port closed it ends by
	// itself, and only then it is certain that no connection begins after those that are waited for.
	select {
	case <-s.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return errors.Join(err, s.http.ShutdownWithContext(ctx))
}

// fasthttpLog takes what fasthttp itself has to say, which is about single connections.
type fasthttpLog struct{ log zerolog.Logger }

// Printf implements fasthttp.Logger.
func (l fasthttpLog) Printf(format string, args ...any) {
	l.log.Warn().Str("reason", fmt.Sprintf(format, args...)).Msg("HTTP connection is in trouble")
}
