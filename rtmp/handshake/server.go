package handshake

import "io"

// Config has a zero value that works.
type Config struct {
	// Random is where random bytes come from. Nil means math/rand/v2: they are no secret.
	Random io.Reader
	// Time is our clock in ms at the start of the connection, which the peer is told. Any epoch will do.
	Time uint32
}

// Server is the side that was connected to. It belongs to one goroutine at a time and holds at most 1536 bytes
// of what came in, none of it after C1.
type Server struct {
	maker  maker
	intake intake
	scheme Scheme
}

// NewServer returns a Server that waits for C0.
func NewServer(c Config) *Server {
	s := &Server{maker: newMaker(c)}
	s.maker.name, s.maker.key, s.maker.peerName = serverName, serverKey, clientName
	s.maker.software = [4]byte{4, 5, 0, 1} // clients take a major version below 3 for a server without digests
	return s
}

// Feed consumes what belongs to the handshake from the front of b and appends to dst what the client is to be
// sent: S0, S1 and S2 at once when C1 is complete, 3073 bytes in all. rest is what follows the handshake, empty
// until done; once done, Feed consumes nothing. It keeps no reference to b or dst.
//
// The content of C2 is not checked. A first byte that is not plain RTMP is a [*NotRTMPError]. Errors are final.
func (s *Server) Feed(dst, b []byte) (out, rest []byte, done bool, err error) {
	return s.intake.feed(dst, b, s.reply)
}

// Scheme is the form that the client speaks, Simple until C1 is complete. No version of its software in C1, or a digest
// that is not valid, makes the client a simple one.
func (s *Server) Scheme() Scheme { return s.scheme }

func (s *Server) reply(dst []byte, c1 *packet) ([]byte, error) {
	var scheme Scheme
	var digest []byte
	if c1.hasVersion() {
		scheme, digest = findDigest(c1, s.maker.peerName)
	}
	dst, err := s.maker.appendHello(append(dst, version), scheme)
	if err != nil {
		return nil, err
	}
	s.scheme = scheme
	return s.maker.appendAnswer(dst, c1, digest)
}
