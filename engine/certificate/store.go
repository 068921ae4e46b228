package certificate

import (
	"crypto/tls"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// lookInterval is how often files are looked at, at most, and only when somebody connects.
const lookInterval = time.Second

// Store holds a certificate and follows its files. Its methods may be called from any goroutine.
type Store struct {
	files   Files
	log     zerolog.Logger
	now     func() time.Time
	current atomic.Pointer[tls.Certificate]
	loaded  time.Time
	looked  atomic.Int64 // when the files were looked at last, in ns since loaded: the wall clock may be set

	mu   sync.Mutex
	seen [2]os.FileInfo // as they were read last
}

// Load reads the files. The error says which file cannot be used and why.
func Load(files Files, log zerolog.Logger) (*Store, error) { return load(files, log, time.Now) }

func load(files Files, log zerolog.Logger, now func() time.Time) (*Store, error) {
	s := &Store{files: files, log: log, now: now}
	s.loaded = now()
	s.seen = s.look()
	c, err := files.load()
	if err != nil {
		return nil, err
	}
	s.use(c, "certificate loaded")
	return s, nil
}

// GetCertificate is for tls.Config. When a file has changed, the new certificate is used from this connection on; if it
// cannot be used, the old one stays.
func (s *Store) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	now, looked := int64(s.now().Sub(s.loaded)), s.looked.Load()
	if now-looked >= int64(lookInterval) && s.looked.CompareAndSwap(looked, now) {
		s.reload()
	}
	return s.current.Load(), nil
}

func (s *Store) reload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.seen
	s.seen = s.look() // before the files are read: what changes meanwhile is seen the next time
	if same(before[0], s.seen[0]) && same(before[1], s.seen[1]) {
		return
	}
	c, err := s.files.load()
	if err != nil {
		s.log.Error().Err(err).Msg("the new certificate cannot be used; the old one stays")
		return
	}
	s.use(c, "certificate has changed")
}

// look returns the state of the files, nil for one that is not there.
func (s *Store) look() (infos [2]os.FileInfo) {
	infos[0], _ = os.Stat(s.files.Path)
	if s.files.KeyPath != "" {
		infos[1], _ = os.Stat(s.files.KeyPath)
	}
	return infos
}

func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}

func (s *Store) use(c *tls.Certificate, what string) {
	s.current.Store(c)
	s.log.Info().Str("subject", c.Leaf.Subject.String()).Strs("names", c.Leaf.DNSNames).Int("chain", len(c.Certificate)).
		Time("not_after", c.Leaf.NotAfter).Msg(what)
	if s.now().After(c.Leaf.NotAfter) {
		s.log.Warn().Time("not_after", c.Leaf.NotAfter).Msg("the certificate has expired; clients will refuse it")
	}
}
