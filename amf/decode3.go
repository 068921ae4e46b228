package amf

import (
	"encoding/binary"
	"io"
	"math"
)

// Decoder3 reads a sequence of AMF3 values. The budget and the reference tables are shared by all values of the sequence.
type Decoder3 struct {
	p parser
}

// NewDecoder3 returns a decoder of b. It reads b only during Decode and keeps no reference to it in the values returned.
func NewDecoder3(b []byte, l Limits) *Decoder3 { return &Decoder3{newParser(b, l)} }

// Decode returns the next value. The error is io.EOF if the input ends before the value begins, otherwise a *SyntaxError,
// which all later calls return again.
func (d *Decoder3) Decode() (any, error) {
	if err := d.p.begin(); err != nil {
		return nil, err
	}
	return d.p.finish(d.p.value3(0))
}

// Remaining returns the part of the input that has not been decoded; after an error, it begins with the value that failed.
// It aliases the input.
func (d *Decoder3) Remaining() []byte { return d.p.in[d.p.start:] }

// Decode3All decodes every value of an AMF3 sequence. With an error come the values in front of the one that failed.
func Decode3All(b []byte, l Limits) ([]any, error) {
	d := Decoder3{newParser(b, l)}
	var values []any
	for {
		v, err := d.Decode()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return values, err
		}
		values = append(values, v)
	}
}

// value3 reads one AMF3 value (AMF3 §3.1).
func (p *parser) value3(depth int) (any, error) {
	if err := p.left.takeNodes(1); err != nil {
		return nil, err
	}
	return p.markedValue3(depth)
}

// markedValue3 is value3 for a value that has been paid for.
func (p *parser) markedValue3(depth int) (any, error) {
	marker, err := p.uint8()
	if err != nil {
		return nil, err
	}
	switch marker {
	case marker3Undefined:
		return Undefined{}, nil
	case marker3Null:
		return nil, nil
	case marker3False:
		return false, nil
	case marker3True:
		return true, nil
	case marker3Integer:
		u, err := p.uint29()
		return boxed(int32(u<<3)>>3, err) // bit 28 is the sign (AMF3 §3.6)
	case marker3Double:
		return boxed(p.float64())
	case marker3String:
		return boxed(p.string3())
	case marker3Object:
		return p.object3(depth)
	case marker3XMLDocument, marker3Date, marker3Array, marker3XML, marker3ByteArray, marker3VectorInt, marker3VectorUint,
		marker3VectorDouble, marker3VectorObject, marker3Dictionary:
		u, err := p.uint29()
		if err != nil {
			return nil, err
		}
		if u&flag3Inline == 0 {
			return p.reference3(u >> 1)
		}
		return p.inline3(marker, u>>1, depth)
	default:
		p.off--
		return nil, ErrUnknownMarker
	}
}

// inline3 reads a value, other than an object, that enters the object table. n is its length or count.
func (p *parser) inline3(marker byte, n uint32, depth int) (any, error) {
	switch marker {
	case marker3Date: // n means nothing (AMF3 §3.10)
		ms, err := p.float64()
		return p.remember3(Date{Milliseconds: ms}, err)
	case marker3Array:
		return p.array3(n, depth)
	case marker3ByteArray:
		b, err := p.byteArray3(n)
		return p.remember3(b, err)
	case marker3VectorInt:
		v, err := p.vectorInt3(n, depth)
		return p.remember3(v, err)
	case marker3VectorUint:
		v, err := p.vectorUint3(n, depth)
		return p.remember3(v, err)
	case marker3VectorDouble:
		v, err := p.vectorDouble3(n, depth)
		return p.remember3(v, err)
	case marker3VectorObject:
		return boxed(p.vectorObject3(n, depth))
	case marker3Dictionary:
		return boxed(p.dictionary3(n, depth))
	default: // marker3XML, marker3XMLDocument
		s, err := p.string(n)
		return p.remember3(XML(s), err)
	}
}

// uint29 reads 7 bits from each of up to three bytes, as long as the top bit is set, and 8 from the fourth (AMF3 §1.3.1).
func (p *parser) uint29() (uint32, error) {
	var u uint32
	for range 3 {
		c, err := p.uint8()
		if err != nil {
			return 0, err
		}
		u = u<<7 | uint32(c&0x7F)
		if c < 0x80 {
			return u, nil
		}
	}
	c, err := p.uint8()
	return u<<8 | uint32(c), err
}

// string3 reads a text or a reference to one. The empty string is never in the table (AMF3 §1.3.2). A reference is charged
// like a text, for whoever encodes or prints the value will pay for it.
func (p *parser) string3() (string, error) {
	u, err := p.uint29()
	if err != nil {
		return "", err
	}
	if u&flag3Inline != 0 {
		s, err := p.string(u >> 1)
		if err == nil && s != "" {
			p.strings = append(p.strings, s)
		}
		return s, err
	}
	index := int(u >> 1)
	if index >= len(p.strings) {
		return "", ErrReference
	}
	s := p.strings[index]
	return s, p.left.takeBytes(len(s))
}

// reference3 may find an object that is still being read: its own parent.
func (p *parser) reference3(index uint32) (any, error) {
	if int(index) >= len(p.objects) {
		return nil, ErrReference
	}
	return p.objects[index], nil
}

// remember3 enters a value that contains no others into the object table.
func (p *parser) remember3(v any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	p.objects = append(p.objects, v)
	return v, nil
}

// array3 reads the associative part, which an empty name ends, and then count values (AMF3 §3.11).
func (p *parser) array3(count uint32, depth int) (any, error) {
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	name, err := p.string3()
	if err != nil {
		return nil, err
	}
	if name == "" {
		a := &StrictArray{}
		p.objects = append(p.objects, a)
		return a, p.values3(&a.Values, count, depth+1)
	}
	a := &ECMAArray{}
	p.objects = append(p.objects, a)
	if err := p.namedValues3(&a.Properties, name, depth+1); err != nil {
		return nil, err
	}
	return a, p.values3(&a.Dense, count, depth+1)
}

// namedValues3 reads a value for name, then further names and values up to and including an empty name.
func (p *parser) namedValues3(ps *[]Property, name string, depth int) error {
	for name != "" {
		if err := p.left.takeNodes(1); err != nil {
			return err
		}
		v, err := p.value3(depth)
		if err != nil {
			return err
		}
		*ps = appendProperty(*ps, name, v)
		if name, err = p.string3(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) values3(vs *[]any, count uint32, depth int) error {
	for range count {
		v, err := p.value3(depth)
		if err != nil {
			return err
		}
		*vs = append(*vs, v)
	}
	return nil
}

func (p *parser) byteArray3(n uint32) (ByteArray, error) {
	b, err := p.take(n)
	if err != nil {
		return nil, err
	}
	if err := p.left.takeBytes(len(b)); err != nil {
		return nil, err
	}
	return append(ByteArray{}, b...), nil
}

// vector3 reads the fixed flag and the bytes of count numbers of the given width. Since these are all there, and each
// number has been charged as a node, the caller may allocate by count.
func (p *parser) vector3(count, width uint32, depth int) (fixed bool, numbers []byte, err error) {
	if err := p.left.enter(depth); err != nil {
		return false, nil, err
	}
	flag, err := p.uint8()
	if err != nil {
		return false, nil, err
	}
	if numbers, err = p.take(count * width); err != nil { // 2²⁸ × 8 fits
		return false, nil, err
	}
	return flag != 0, numbers, p.left.takeNodes(int(count))
}

func (p *parser) vectorInt3(count uint32, depth int) (*VectorInt, error) {
	fixed, b, err := p.vector3(count, 4, depth)
	if err != nil {
		return nil, err
	}
	v := &VectorInt{Fixed: fixed, Values: make([]int32, count)}
	for i := range v.Values {
		v.Values[i] = int32(binary.BigEndian.Uint32(b[4*i:]))
	}
	return v, nil
}

func (p *parser) vectorUint3(count uint32, depth int) (*VectorUint, error) {
	fixed, b, err := p.vector3(count, 4, depth)
	if err != nil {
		return nil, err
	}
	v := &VectorUint{Fixed: fixed, Values: make([]uint32, count)}
	for i := range v.Values {
		v.Values[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	return v, nil
}

func (p *parser) vectorDouble3(count uint32, depth int) (*VectorDouble, error) {
	fixed, b, err := p.vector3(count, 8, depth)
	if err != nil {
		return nil, err
	}
	v := &VectorDouble{Fixed: fixed, Values: make([]float64, count)}
	for i := range v.Values {
		v.Values[i] = math.Float64frombits(binary.BigEndian.Uint64(b[8*i:]))
	}
	return v, nil
}

func (p *parser) vectorObject3(count uint32, depth int) (*VectorObject, error) {
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	fixed, err := p.uint8()
	if err != nil {
		return nil, err
	}
	typ, err := p.string3()
	if err != nil {
		return nil, err
	}
	v := &VectorObject{Fixed: fixed != 0, Type: typ}
	p.objects = append(p.objects, v)
	return v, p.values3(&v.Values, count, depth+1)
}

func (p *parser) dictionary3(count uint32, depth int) (*Dictionary, error) {
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	weak, err := p.uint8()
	if err != nil {
		return nil, err
	}
	d := &Dictionary{WeakKeys: weak != 0}
	p.objects = append(p.objects, d)
	for range count {
		key, err := p.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		value, err := p.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		d.Entries = append(d.Entries, DictionaryEntry{Key: key, Value: value})
	}
	return d, nil
}
