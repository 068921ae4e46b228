package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"mmids/engine/limits"
)

const (
	requestIDHeader = "X-Request-Id"

	textPlain       = "text/plain; charset=utf-8"
	applicationJSON = "application/json"

	// drainBytesMax is how much of a body that the handler left is still read before the answer. A client that
	// sends all before it reads would see a broken connection instead of the answer. 8 MiB is more than any
	// text that somebody takes for a workflow, and little to read.
	drainBytesMax = 8 << 20
)

// Request is one request and its answer. It is valid until the handler returns.
type Request struct {
	// ID names the request in the answer, in the log and towards everything that it causes. UUID, version 4.
	ID string
	// Log carries request_id, http_method, http_uri and client_ip.
	Log zerolog.Logger
	// HTTP is for what the methods of Request do not offer. Its memory is reused when the handler returns.
	HTTP *fasthttp.RequestCtx

	limits  *Limits
	closing context.Context // ends when the server does, for answers without end
	route   *Route          // nil if none was found
	path    path

	refused bool // whoever sends this may not even have its body read
}

// newRequest gives a request its id and puts that into the answer.
func newRequest(http *fasthttp.RequestCtx, s *Server) *Request {
	r := &Request{ID: uuid.NewString(), HTTP: http, limits: &s.limits, closing: s.closing}
	r.Log = s.log.With().
		Str("request_id", r.ID).
		Bytes("http_method", http.Method()).
		Str("http_uri", redactTarget(string(http.Request.Header.RequestURI()))).
		Str("client_ip", http.RemoteIP().String()).
		Logger()
	r.HTTP.Response.Header.Set(requestIDHeader, r.ID)
	return r
}

// Param returns the part of the path that the route calls by this name, decoded. False means that the route has
// no such parameter: a mistake of whoever made the routing table.
func (r *Request) Param(name string) (string, bool) {
	for i, p := range r.route.Path {
		if p.isParam && p.text == name {
			return string(r.path.array[i]), true
		}
	}
	return "", false
}

// Errors of [Request.Body].
var (
	ErrBodyTooLarge = errors.New("body is too large")
	ErrBodyCut      = errors.New("body ends before its announced length")
)

// Body reads the body, up to a number of bytes, or to what the server accepts if that is less. The result belongs to the
// caller. Besides ErrBodyTooLarge and ErrBodyCut it returns the connection's errors.
func (r *Request) Body(bytesMax int) ([]byte, error) {
	stream := r.HTTP.RequestBodyStream()
	if stream == nil {
		return nil, nil
	}
	bytesMax = min(bytesMax, r.limits.BodyBytesMax)
	body, err := io.ReadAll(io.LimitReader(stream, int64(bytesMax)+1))
	if network := net.Error(nil); errors.As(err, &network) && network.Timeout() {
		r.limits.Counters.Exceeded(limits.HTTPReadTimeout)
	}
	if err != nil {
		return nil, fmt.Errorf("body cannot be read: %w", err)
	}
	if len(body) > bytesMax {
		r.limits.Counters.Exceeded(limits.HTTPBodyBytes)
		return nil, fmt.Errorf("%w: at most %d bytes", ErrBodyTooLarge, bytesMax)
	}
	if announced := r.HTTP.Request.Header.ContentLength(); len(body) < announced {
		return nil, fmt.Errorf("%w: %d of %d bytes", ErrBodyCut, len(body), announced)
	}
	return body, nil
}

// drain reads what the handler left of the body. Whether that succeeds does not matter, the answer is the same.
func (r *Request) drain() {
	if stream := r.HTTP.RequestBodyStream(); stream != nil && !r.refused {
		_, _ = io.CopyN(io.Discard, stream, drainBytesMax)
	}
}

// Empty answers with a status and no body.
func (r *Request) Empty(status int) {
	r.HTTP.Response.ResetBody()
	r.HTTP.SetStatusCode(status)
}

// Text answers with a short text. It must not repeat what the client sent.
func (r *Request) Text(status int, text string) {
	r.HTTP.SetStatusCode(status)
	r.HTTP.SetContentType(textPlain)
	r.HTTP.SetBodyString(text)
}

// JSON answers with v. If it has no JSON form the answer is 500 and empty.
func (r *Request) JSON(status int, v any) {
	body, err := encoding.Marshal(v)
	if err != nil {
		r.Log.Error().Err(err).Msg("answer cannot be encoded")
		r.Empty(fasthttp.StatusInternalServerError)
		return
	}
	r.HTTP.SetStatusCode(status)
	r.HTTP.SetContentType(applicationJSON)
	r.HTTP.Response.SetBodyRaw(body)
}
