package fuzz

import (
	"math/rand/v2"
	"testing"
)

// plan turns the bytes of a fuzzer into decisions, so that what it changes is what happens next and not one bit of a
// message. Behind the last byte every decision is 0.
type plan struct {
	code       []byte
	noIntegers bool // AMF0 has none, they come back as float64
}

func (p *plan) next() int {
	if len(p.code) == 0 {
		return 0
	}
	b := p.code[0]
	p.code = p.code[1:]
	return int(b)
}

func (p *plan) over() bool { return len(p.code) == 0 }

// one reports true once in n times.
func (p *plan) one(n int) bool { return p.next()%n == 1 }

// bytes are n bytes or what is left.
func (p *plan) bytes(n int) []byte {
	n = min(n, len(p.code))
	b := p.code[:n:n]
	p.code = p.code[n:]
	return b
}

func pick[T any](p *plan, from []T) T { return from[p.next()%len(from)] }

// addPlans gives a fuzzer plans of different lengths to begin with. They are the same in every run.
func addPlans(f *testing.F, add func(code []byte)) {
	f.Helper()
	random := rand.NewChaCha8([32]byte{7})
	for i := range 48 {
		code := make([]byte, 8<<(i%7))
		_, _ = random.Read(code) // it cannot fail
		add(code)
	}
}
