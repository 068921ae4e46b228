package server

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/access"
	"mmids/engine/fanout"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// Request asks for publishers or viewers.
type Request struct {
	Port int    // 1 to 65535; ignored with Internal
	App  string // compared exactly
	Key  string // access.AnyKey, or the one key, compared exactly
	Rule access.Rule

	// TLS asks for a port that speaks RTMPS. All registrations of a port must agree about it.
	TLS bool

	// Internal asks for the port of the server's own helpers, which only this machine can reach. Its number is not
	// known before; see Registration.URL.
	Internal bool

	// StreamID, unless empty, is the id of every stream that comes in. Otherwise each gets a new one.
	StreamID media.StreamID

	// Approve, unless nil, is asked about every client after all other checks have passed, see [access.Approver].
	Approve access.Approver

	// FromNextKey makes viewers begin at the next key frame instead of the newest one.
	FromNextKey bool

	// Flush says when viewers get news. Nil means as the server's configuration says.
	Flush *fanout.Flush

	// KeepBeginning is for a feed that one viewer will come for: its log keeps what the bounds allow also while nobody
	// watches, and the first viewer of each key begins as far back as the log goes. Others begin as usual.
	KeepBeginning bool

	Owner *workflow.Owner
	Log   zerolog.Logger // carries the workflow's and the step's fields
}

// fanout is the configuration of the logs that viewers watch.
func (r *Request) fanout(c fanout.Config) fanout.Config {
	c.KeepBeginning = r.KeepBeginning
	if r.Flush != nil {
		c.Flush = *r.Flush
	}
	return c
}

func (r *Request) portIndex() int {
	if r.Internal {
		return internalPort
	}
	return r.Port
}

// Registration is an accepted request. It has an identity: closing it never touches another registration for the same
// port, app and key.
type Registration struct {
	server     *Server
	kind       kind
	request    Request
	registrant Registrant
	port       *port

	// guarded by the registry's lock
	members  map[*conn]struct{}  // that publish or watch by it
	channels map[string]*Channel // of a registration for viewers

	used atomic.Bool // there are members
}

// ListenPublishers registers for publishers. On success the port is bound. Media goes to the registrant as
// notifications: new stream, metadata, packets, disconnected. The error is a *[TakenError], a *[watch.TLSError],
// [ErrNoCertificate], or temporary if the port cannot be opened at the moment.
func (s *Server) ListenPublishers(request Request, registrant Registrant) (*Registration, error) {
	return s.register(forPublishers, request, registrant)
}

// ListenWatchers registers for viewers. On success the port is bound. What they see is appended to a [Channel].
func (s *Server) ListenWatchers(request Request, registrant Registrant) (*Registration, error) {
	return s.register(forWatchers, request, registrant)
}

func (s *Server) register(k kind, request Request, registrant Registrant) (*Registration, error) {
	r := &Registration{
		server: s, kind: k, request: request, registrant: registrant,
		members: make(map[*conn]struct{}), channels: make(map[string]*Channel),
	}
	log := request.Log.With().Int("port", request.Port).Bool("internal", request.Internal).Str("rtmp_app", request.App).Str("stream_key", request.Key).
		Stringer("ip_restrictions", request.Rule).Bool("use_tls", request.TLS).Str("for", k.String()).Logger()
	if err := s.add(r); err != nil {
		log.Warn().Err(err).Msg("registration refused")
		return nil, err
	}
	log.Info().Msg("registered")
	return r, nil
}

// Patience is how much later the media of a registration for viewers may come: without viewers it only has to be in the
// logs some time, and where news waits anyway before it leaves it can wait before it comes. Any goroutine.
func (r *Registration) Patience() time.Duration {
	if !r.used.Load() {
		return workflow.Endless
	}
	return r.request.fanout(r.server.config.Fanout).Patience(r.server.fanouts)
}

// URL is where a client on this machine reaches a registration for one key.
func (r *Registration) URL() string {
	return fmt.Sprintf("%s://127.0.0.1:%d/%s/%s", scheme(r.port.tls), r.port.number, r.request.App, r.request.Key)
}

// yieldsTo reports whether a registration will be gone soon and may be followed by another of its workflow.
func (r *Registration) yieldsTo(next *Registration) bool {
	return r.request.Owner.Workflow == next.request.Owner.Workflow && r.request.Owner.Retiring()
}

// Close withdraws the registration: its publishers or viewers are told and disconnected, and its keys are free at
// once. Any goroutine; it does not wait for the disconnections. A second call does nothing.
func (r *Registration) Close() {
	for _, c := range r.server.remove(r) {
		c.withdraw("The workflow no longer takes this stream.")
	}
}
