package api

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"mmids/engine/limits"
)

// handle answers one request whose header could be read.
func (s *Server) handle(http *fasthttp.RequestCtx) {
	begin := time.Now()
	r := newRequest(http, s)
	r.path.split(http.Request.Header.RequestURI())
	if !r.path.invalid {
		r.route = s.router.find(string(http.Method()), r.path.parts())
	}
	level := zerolog.InfoLevel
	if r.route != nil && r.route.Quiet {
		level = zerolog.DebugLevel
	}
	r.Log.WithLevel(level).Msg("request in")
	defer func() {
		if v := recover(); v != nil {
			r.panicked(v)
		}
		r.drain()
		r.Log.WithLevel(level).
			Int("status", http.Response.StatusCode()).
			Dur("duration", time.Since(begin)).
			Msg("request out")
	}()
	if r.route == nil {
		s.refuse(r)
		return
	}
	r.route.Handler(r)
}

// refuse answers a request that no route takes.
func (s *Server) refuse(r *Request) {
	if !r.path.invalid {
		if allowed := s.router.allowed(r.path.parts()); allowed != "" {
			r.HTTP.Response.Header.Set("Allow", allowed)
			r.Empty(fasthttp.StatusMethodNotAllowed)
			return
		}
	}
	r.Text(fasthttp.StatusNotFound, "Invalid URL")
}

// panicked answers a request whose handler panicked. Whatever the handler had prepared is dropped.
func (r *Request) panicked(v any) {
	r.Log.Error().Str("panic", fmt.Sprint(v)).Bytes("stack", debug.Stack()).Msg("handler panicked")
	r.HTTP.Response.Reset()
	r.HTTP.Response.Header.SetNoDefaultContentType(true)
	r.HTTP.Response.Header.Set(requestIDHeader, r.ID)
	r.Empty(fasthttp.StatusInternalServerError)
}

// handleUnreadable answers a request that could not be read. fasthttp closes the connection afterwards.
func (s *Server) handleUnreadable(http *fasthttp.RequestCtx, err error) {
	r := newRequest(http, s)
	var header *fasthttp.ErrSmallBuffer
	var network net.Error
	switch {
	case errors.As(err, &header):
		s.limits.Counters.Exceeded(limits.HTTPHeaderBytes)
		r.Text(fasthttp.StatusRequestHeaderFieldsTooLarge, "Request header is too large")
	case errors.As(err, &network) && network.Timeout():
		s.limits.Counters.Exceeded(limits.HTTPReadTimeout)
		r.Text(fasthttp.StatusRequestTimeout, "Request took too long")
	default:
		r.Text(fasthttp.StatusBadRequest, "Request cannot be read")
	}
	r.Log.Info().Err(err).Int("status", http.Response.StatusCode()).Msg("request cannot be read")
}
