package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// family is a kind of faults. Its workers have one session after the other, each decided by a random source of its own.
type family struct {
	name    string
	workers int
	session func(a *attack, r *rand.Rand)
	// background, unless nil, does what concerns the whole server, from the beginning of an attack to its end, and puts
	// right what it has done.
	background func(a *attack, r *rand.Rand)
	// after, unless nil, checks when all have gone what the server must be able to do again.
	after func(s *chaosServer, t testing.TB)
}

// families are all there are, in the order in which they come.
var families = slices.DeleteFunc([]family{
	{name: "churn", workers: 32, session: churn},
	{name: "resets", workers: 16, session: resets},
	{name: "slow", workers: 16, session: slow},
	{name: "descriptors", workers: 8, session: hoard, background: lowLimit},
	{name: "disk", workers: 3, session: intoFFmpeg, background: fillDisk, after: (*chaosServer).requireWritten},
	{name: "ffmpeg", workers: 6, session: intoFFmpeg, background: badFFmpegs},
	{name: "reactor", workers: 16, session: intoReactor, background: badLookups},
	{name: "steps", workers: 4, session: badSteps},
	{name: "clock", workers: 8, session: atAnyTime, background: jumpClock, after: (*chaosServer).requireLogGoesOn},
}, func(f family) bool { return f.name == "clock" && (clockCode == "" || !mayWriteCode()) })

// attack is one attack of a family on a server.
type attack struct {
	server *chaosServer
	ctx    context.Context
	pace   *pace

	sessions, faults atomic.Int64
	lingering        sync.WaitGroup // clients that stay after their session
	mu               sync.Mutex
	problems         []string
}

// attackFor attacks for a while and returns when every attacker has gone.
func attackFor(ctx context.Context, s *chaosServer, f family, seed uint64, p *pace) *attack {
	a := &attack{server: s, ctx: ctx, pace: p}
	a.run(f, seed)
	return a
}

func (a *attack) run(f family, seed uint64) {
	var workers sync.WaitGroup
	source := func(n int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(n))) }
	if f.background != nil {
		workers.Go(func() { f.background(a, source(f.workers)) })
	}
	for n := range f.workers {
		workers.Go(func() {
			r := source(n)
			for a.pace.wait(a.ctx) {
				a.sessions.Add(1)
				f.session(a, r)
			}
		})
	}
	workers.Wait()
	a.lingering.Wait()
}

// wrong notes what must not happen.
func (a *attack) wrong(format string, args ...any) {
	const most = 5
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.problems) < most {
		a.problems = append(a.problems, fmt.Sprintf(format, args...))
	}
}

// pause waits, or until the attack ends, and reports whether it goes on.
func (a *attack) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-a.ctx.Done():
		return false
	}
}

// dial connects from an address that is one of a thousand, so that ports do not run out.
func (a *attack) dial(r *rand.Rand) (*net.TCPConn, error) {
	return a.dialFrom(r)(a.ctx, "tcp", a.server.address())
}

func (a *attack) dialFrom(r *rand.Rand) func(ctx context.Context, network, address string) (*net.TCPConn, error) {
	from := net.IPv4(127, 1, byte(r.IntN(4)), byte(1+r.IntN(250)))
	return func(ctx context.Context, network, address string) (*net.TCPConn, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second) // while the server has no descriptors, nobody accepts
		defer cancel()
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return c.(*net.TCPConn), nil
	}
}

// linger keeps a connection until the server closes it, or the attack ends. What the server says is thrown away.
func (a *attack) linger(c net.Conn) {
	stop := context.AfterFunc(a.ctx, func() { _ = c.Close() })
	a.lingering.Go(func() {
		defer stop()
		defer c.Close()
		buffer := make([]byte, 16<<10)
		for {
			if _, err := c.Read(buffer); err != nil {
				return
			}
		}
	})
}

// TestSameSeedSameAttack: what an attacker does is decided by the seed, apart from what the server answers.
func TestSameSeedSameAttack(t *testing.T) {
	script := func(seed uint64) (all []byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		for range 10 {
			s := publishScript(r, "live", "k")
			all = append(all, s.bytes[:r.IntN(len(s.bytes))]...)
		}
		return all
	}
	first, again, other := script(1), script(1), script(2)
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)
}
