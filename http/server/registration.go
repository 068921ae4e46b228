package server

import (
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/access"
	"mmids/engine/fanout"
	"mmids/engine/workflow"
)

// Request asks for viewers.
type Request struct {
	Port int    // 1 to 65535
	App  string // compared exactly
	Key  string // access.AnyKey, or the one key, compared exactly
	Rule access.Rule

	// TLS asks for a port that speaks HTTPS. All registrations of a port must agree about it.
	TLS bool

	// Approve, unless nil, is asked about every client after all other checks have passed, see [access.Approver].
	Approve access.Approver

	// FromNextKey makes viewers begin at the next key frame instead of the newest one.
	FromNextKey bool

	// Flush says when viewers get news. Nil means as the server's configuration says.
	Flush *fanout.Flush

	Owner *workflow.Owner
	Log   zerolog.Logger // carries the workflow's and the step's fields
}

// fanout is the configuration of the logs that viewers watch.
func (r *Request) fanout(c fanout.Config) fanout.Config {
	if r.Flush != nil {
		c.Flush = *r.Flush
	}
	return c
}

// Registrant is who registers, as the endpoint needs it.
type Registrant interface {
	// Lost says that the registration has ended without being closed. It may be called from any goroutine and must not
	// block.
	Lost(err error)
}

// Registration is an accepted request. It has an identity: closing it never touches another registration for the same
// port, app and key.
type Registration struct {
	server     *Server
	request    Request
	registrant Registrant
	port       *port

	// guarded by the registry's lock
	members  map[*conn]struct{} // that watch by it
	channels map[string]*Channel

	used atomic.Bool // there are members
}

// Listen registers for viewers. On success the port is bound. What they see is appended to a [Channel]. The error is a
// *[TakenError], a *[watch.TLSError], [ErrNoCertificate], or temporary if the port cannot be opened at the moment.
func (s *Server) Listen(request Request, registrant Registrant) (*Registration, error) {
	r := &Registration{
		server: s, request: request, registrant: registrant,
		members: make(map[*conn]struct{}), channels: make(map[string]*Channel),
	}
	log := request.Log.With().Int("port", request.Port).Str("app", request.App).Str("stream_key", request.Key).
		Stringer("ip_restrictions", request.Rule).Bool("use_tls", request.TLS).Str("for", "HTTP viewers").Logger()
	if err := s.add(r); err != nil {
		log.Warn().Err(err).Msg("registration refused")
		return nil, err
	}
	log.Info().Msg("registered")
	return r, nil
}

// Patience is how much later media may come, see [workflow.Patient]. Any goroutine.
func (r *Registration) Patience() time.Duration {
	if !r.used.Load() {
		return workflow.Endless
	}
	return r.request.fanout(r.server.config.Fanout).Patience(r.server.fanouts)
}

// yieldsTo reports whether a registration will be gone soon and may be followed by another of its workflow.
func (r *Registration) yieldsTo(next *Registration) bool {
	return r.request.Owner.Workflow == next.request.Owner.Workflow && r.request.Owner.Retiring()
}

// Close withdraws the registration: its viewers are disconnected, and its keys are free at once. Any goroutine; it does
// not wait for the disconnections. A second call does nothing.
func (r *Registration) Close() {
	for _, c := range r.server.remove(r) {
		c.withdraw("The workflow no longer shows this stream.")
	}
}
