package api

import (
	"errors"
	"net"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"mmids/engine/limits"
	"mmids/engine/panics"
)

// handle answers one request whose header could be read.
func (s *Server) handle(http *fasthttp.RequestCtx) {
	begin := time.Now()
	r := newRequest(http, s)
	level := zerolog.InfoLevel
	if !panics.Contain(r.Log, "handler panicked", func() { s.answer(r, &level) }) {
		r.failed()
	}
	panics.Contain(r.Log, "panic behind a request", func() {
		r.drain()
		took := time.Since(begin)
		s.times.Note(took)
		r.Log.WithLevel(level).
			Int("status", http.Response.StatusCode()).
			Dur("duration", took).
			Msg("request out")
	})
}

// answer finds the route and has it answer. level is that of the request's lines in the log.
func (s *Server) answer(r *Request, level *zerolog.Level) {
	r.path.split(r.HTTP.Request.Header.RequestURI())
	if !r.path.invalid {
		r.route = s.router.find(string(r.HTTP.Method()), r.path.parts())
	}
	if r.route != nil && r.route.Quiet {
		*level = zerolog.DebugLevel
	}
	r.Log.WithLevel(*level).Msg("request in")
	if r.route != nil && r.route.Page != "" {
		r.HTTP.Response.Header.Set(fasthttp.HeaderVary, fasthttp.HeaderAccept)
		if r.wantsPage() {
			r.redirect(r.route.Page)
			return
		}
	}
	if s.access.Load().refuse(r) {
		return
	}
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

// failed answers a request whose handler panicked. Whatever the handler had prepared is dropped.
func (r *Request) failed() {
	r.HTTP.Response.Reset()
	r.HTTP.Response.Header.SetNoDefaultContentType(true)
	r.HTTP.Response.Header.Set(requestIDHeader, r.ID)
	r.Empty(fasthttp.StatusInternalServerError)
}

// handleUnreadable answers a request that could not be read. fasthttp closes the connection afterwards.
func (s *Server) handleUnreadable(http *fasthttp.RequestCtx, err error) {
	r := newRequest(http, s)
	panics.Contain(r.Log, "panic at a request that cannot be read", func() { s.refuseUnreadable(r, err) })
}

func (s *Server) refuseUnreadable(r *Request, err error) {
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
	r.Log.Info().Err(err).Int("status", r.HTTP.Response.StatusCode()).Msg("request cannot be read")
}
