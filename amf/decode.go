package amf

import "io"

// Decoder reads a sequence of AMF0 values, such as the body of an RTMP command message. The budget and the reference tables
// are shared by all values of the sequence.
type Decoder struct {
	p parser
}

// NewDecoder returns a decoder of b. It reads b only during Decode and keeps no reference to it in the values returned.
func NewDecoder(b []byte, l Limits) *Decoder { return &Decoder{newParser(b, l)} }

// Decode returns the next value. A 0x11 marker switches that value, and all inside it, to AMF3 (AMF0 §3.1). The error is
// io.EOF if the input ends before the value begins, otherwise a *SyntaxError, which all later calls return again.
func (d *Decoder) Decode() (any, error) {
	if err := d.p.begin(); err != nil {
		return nil, err
	}
	return d.p.finish(d.p.value0(0))
}

// Remaining returns the part of the input that has not been decoded; after an error, it begins with the value that failed.
// It aliases the input.
func (d *Decoder) Remaining() []byte { return d.p.in[d.p.start:] }

// DecodeAll decodes every value of an AMF0 sequence. With an error come the values in front of the one that failed.
func DecodeAll(b []byte, l Limits) ([]any, error) {
	d := Decoder{newParser(b, l)}
	var values []any
	for {
		v, err := d.Decode()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return values, err
		}
		if values == nil {
			values = make([]any, 0, 4) // name, transaction, command object and one more: most commands
		}
		values = append(values, v)
	}
}

// value0 reads one AMF0 value (AMF0 §2.1).
func (p *parser) value0(depth int) (any, error) {
	if err := p.left.takeNodes(1); err != nil {
		return nil, err
	}
	marker, err := p.uint8()
	if err != nil {
		return nil, err
	}
	switch marker {
	case markerNumber:
		return boxed(p.float64())
	case markerBoolean:
		c, err := p.uint8()
		return boxed(c != 0, err)
	case markerString:
		return boxed(p.shortString0())
	case markerObject:
		return boxed(p.object0("", depth))
	case markerNull:
		return nil, nil
	case markerUndefined:
		return Undefined{}, nil
	case markerReference:
		return p.reference0()
	case markerECMAArray:
		return boxed(p.ecmaArray0(depth))
	case markerStrictArray:
		return boxed(p.strictArray0(depth))
	case markerDate:
		return boxed(p.date0())
	case markerLongString:
		return boxed(p.longString0())
	case markerUnsupported:
		return Unsupported{}, nil
	case markerXMLDocument:
		s, err := p.longString0()
		return boxed(XML(s), err)
	case markerTypedObject:
		class, err := p.shortString0()
		if err != nil {
			return nil, err
		}
		return boxed(p.object0(class, depth))
	case markerAVMPlus:
		return p.markedValue3(depth)
	case markerMovieClip, markerRecordSet:
		p.off--
		return nil, ErrReservedMarker
	default:
		p.off--
		return nil, ErrUnknownMarker
	}
}

func (p *parser) shortString0() (string, error) {
	n, err := p.uint16()
	if err != nil {
		return "", err
	}
	return p.string(uint32(n))
}

func (p *parser) longString0() (string, error) {
	n, err := p.uint32()
	if err != nil {
		return "", err
	}
	return p.string(n)
}

// reference0 may find an object that is still being read: its own parent (AMF0 §2.9).
func (p *parser) reference0() (any, error) {
	index, err := p.uint16()
	if err != nil {
		return nil, err
	}
	if int(index) >= len(p.complex) {
		return nil, ErrReference
	}
	return p.complex[index], nil
}

func (p *parser) object0(class string, depth int) (*Object, error) {
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	o := &Object{Class: class}
	p.complex = append(p.complex, o)
	return o, p.properties0(&o.Properties, depth+1)
}

// ecmaArray0 ignores the count: encoders that write 0 or one too many are common, and the end marker decides anyway.
func (p *parser) ecmaArray0(depth int) (*ECMAArray, error) {
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	if _, err := p.uint32(); err != nil {
		return nil, err
	}
	a := &ECMAArray{}
	p.complex = append(p.complex, a)
	return a, p.properties0(&a.Properties, depth+1)
}

// properties0 reads up to and including the end marker, an empty name followed by 0x09 (AMF0 §2.11). The end of the input
// between two properties will do: some encoders leave the marker of the last object out.
func (p *parser) properties0(ps *[]Property, depth int) error {
	for p.off < len(p.in) {
		name, err := p.shortString0()
		if err != nil {
			return err
		}
		if name == "" && p.off < len(p.in) && p.in[p.off] == markerObjectEnd {
			p.off++
			return nil
		}
		if err := p.left.takeNodes(1); err != nil {
			return err
		}
		v, err := p.value0(depth)
		if err != nil {
			return err
		}
		*ps = appendProperty(*ps, name, v)
	}
	return nil
}

func (p *parser) strictArray0(depth int) (*StrictArray, error) {
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	count, err := p.uint32()
	if err != nil {
		return nil, err
	}
	a := &StrictArray{}
	p.complex = append(p.complex, a)
	for range count {
		v, err := p.value0(depth + 1)
		if err != nil {
			return nil, err
		}
		a.Values = append(a.Values, v)
	}
	return a, nil
}

func (p *parser) date0() (Date, error) {
	ms, err := p.float64()
	if err != nil {
		return Date{}, err
	}
	zone, err := p.uint16()
	return Date{Milliseconds: ms, Zone: int16(zone)}, err
}
