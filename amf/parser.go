package amf

import (
	"encoding/binary"
	"io"
	"math"
)

// sharedTextMax is the length up to which an input is copied once, as a whole, for all strings in it to be cut from: one
// allocation for a typical connect or onMetaData (200 to 1,000 bytes) in place of thirty. In longer inputs each string is a
// copy of its own, so that a short one that is kept does not keep a long message.
const sharedTextMax = 4 << 10

// firstProperties is the room made for the first property of an object. Most have fewer than 8 or about 20.
const firstProperties = 8

// parser is the state of one message. value0 (AMF0) and value3 (AMF3) read one value at off and recurse; the depth they are
// given is the number of values around this one. Errors leave off at the place of the mistake.
type parser struct {
	in    []byte
	off   int
	start int    // of the value now being read
	text  string // copy of in, once a string has been read from a short input
	left  budget
	err   error // from the first failure on

	complex []any // AMF0 reference table: objects and arrays in the order they begin (AMF0 §2.9)

	// AMF3 reference tables (AMF3 §2.1). They serve all AMF3 values of a message, also those behind separate 0x11 markers.
	strings []string
	objects []any
	traits  []traits
}

func newParser(b []byte, l Limits) parser { return parser{in: b, left: l.budget()} }

// begin prepares for one more value; io.EOF means that there is none.
func (p *parser) begin() error {
	if p.err != nil {
		return p.err
	}
	if p.off == len(p.in) {
		return io.EOF
	}
	p.start = p.off
	return nil
}

// finish closes what begin opened.
func (p *parser) finish(v any, err error) (any, error) {
	if err != nil {
		p.err = &SyntaxError{Offset: p.off, Err: err}
		return nil, p.err
	}
	p.start = p.off
	return v, nil
}

// boxed turns a typed result into a value, without making a typed nil of a failure.
func boxed[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// take returns the next n bytes of the input itself.
func (p *parser) take(n uint32) ([]byte, error) {
	if uint64(n) > uint64(len(p.in)-p.off) {
		return nil, io.ErrUnexpectedEOF
	}
	b := p.in[p.off : p.off+int(n)]
	p.off += int(n)
	return b, nil
}

func (p *parser) uint8() (byte, error) {
	if p.off == len(p.in) {
		return 0, io.ErrUnexpectedEOF
	}
	c := p.in[p.off]
	p.off++
	return c, nil
}

func (p *parser) uint16() (uint16, error) {
	b, err := p.take(2)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(b), nil
}

func (p *parser) uint32() (uint32, error) {
	b, err := p.take(4)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

func (p *parser) float64() (float64, error) {
	b, err := p.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
}

// string copies the next n bytes of text.
func (p *parser) string(n uint32) (string, error) {
	b, err := p.take(n)
	if err != nil || n == 0 {
		return "", err
	}
	if err := p.left.takeBytes(len(b)); err != nil {
		return "", err
	}
	if len(p.in) > sharedTextMax {
		return string(b), nil
	}
	if p.text == "" {
		p.text = string(p.in)
	}
	return p.text[p.off-len(b) : p.off], nil
}

// appendProperty grows ps by one.
func appendProperty(ps []Property, name string, v any) []Property {
	if ps == nil {
		ps = make([]Property, 0, firstProperties)
	}
	return append(ps, Property{Name: name, Value: v})
}
