package fuzz

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"mmids/amf"
)

// amfNames are names of properties that mean something to somebody, and some that hurt.
var amfNames = []string{"app", "tcUrl", "objectEncoding", "capsEx", "fourCcList", "videoFourCcInfoMap", "level", "code", "description",
	"width", "audiocodecid", "0", "*", strings.Repeat("n", 300), "\x00\n\x1b[2J"}

// value makes any value that either version of AMF has. Composites hold at most four values and go depth levels deep.
func (p *plan) value(depth int) any {
	if depth > 0 && p.one(3) {
		return p.composite(depth - 1)
	}
	switch p.next() % 12 {
	case 0:
		return nil
	case 1:
		return p.next()%2 == 0
	case 2:
		return float64(p.next())
	case 3:
		return pick(p, []float64{-1, 0.5, 1 << 31, 1 << 32, -1 << 40, math.MaxFloat64, math.Inf(1), math.Copysign(0, -1)})
	case 4, 5:
		return p.text()
	case 6:
		return amf.Undefined{}
	case 7:
		return amf.XML(p.text())
	case 8:
		return amf.Date{Milliseconds: float64(p.next())}
	case 9:
		if !p.noIntegers {
			return int32(p.next()<<20 - 1<<27)
		}
	case 10:
		return amf.ByteArray(p.text())
	}
	return "live"
}

func (p *plan) composite(depth int) any {
	switch p.next() % 9 {
	case 0, 1:
		properties := p.properties(depth)
		return &amf.Object{Class: pick(p, []string{"", "", "C"}), Properties: properties}
	case 2:
		return &amf.ECMAArray{Properties: append(p.properties(depth), amf.Property{Name: "last"})}
	case 3:
		return &amf.StrictArray{Values: p.values(depth)}
	case 4:
		return &amf.VectorInt{Fixed: p.one(2), Values: []int32{int32(p.next()), -1}}
	case 5:
		return &amf.VectorDouble{Values: []float64{float64(p.next())}}
	case 6:
		return &amf.VectorObject{Type: p.text(), Values: p.values(depth)}
	case 7:
		d := &amf.Dictionary{WeakKeys: p.one(2)}
		for range p.next() % 4 {
			d.Entries = append(d.Entries, amf.DictionaryEntry{Key: p.value(depth), Value: p.value(depth)})
		}
		return d
	}
	return &amf.Externalized{Class: "flex.messaging.io.ObjectProxy", Value: p.value(depth)}
}

func (p *plan) properties(depth int) (properties []amf.Property) {
	for range p.next() % 5 {
		properties = append(properties, amf.Property{Name: pick(p, amfNames), Value: p.value(depth)})
	}
	return properties
}

func (p *plan) values(depth int) (values []any) {
	for range p.next() % 5 {
		values = append(values, p.value(depth))
	}
	return values
}

// text is often one that others use, too, so that AMF3 finds something to refer to.
func (p *plan) text() string {
	switch p.next() % 4 {
	case 0:
		return ""
	case 1:
		return "often"
	case 2:
		return strings.Repeat("t", p.next()*p.next()%3000)
	}
	return string(p.bytes(p.next() % 40))
}

// FuzzAMFRoundTrip encodes values of every kind in both versions. What comes back must be equal, also with parts that stand
// in several places, and with whatever stands before and behind it.
func FuzzAMFRoundTrip(f *testing.F) {
	addPlans(f, func(code []byte) { f.Add(code) })
	f.Fuzz(func(t *testing.T, code []byte) {
		amf0.checkRoundTrip(t, (&plan{code: code, noIntegers: true}).message())
		amf3.checkRoundTrip(t, (&plan{code: code}).message())
	})
}

// message makes values of which some may be there more than once.
func (p *plan) message() []any {
	values := append([]any{"first"}, p.values(4)...)
	for range p.next() % 4 {
		values = append(values, values[p.next()%len(values)])
	}
	return append(values, "last")
}

func (c amfCodec) checkRoundTrip(t *testing.T, values []any) {
	limits := amf.Limits{Depth: 64, Nodes: 1 << 20, Bytes: 1 << 26}
	e := c.encoder([]byte("before"), limits)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			t.Fatalf("cannot encode %#v: %v", v, err)
		}
	}
	encoded := e.Bytes()[len("before"):]
	if string(e.Bytes()[:len("before")]) != "before" {
		t.Fatal("the encoder has changed what stood before")
	}
	decoded, err := c.decodeAll(encoded, limits)
	if err != nil || len(decoded) != len(values) {
		t.Fatalf("%d of %d values came back: %v", len(decoded), len(values), err)
	}
	for i, v := range values {
		if !reflect.DeepEqual(v, decoded[i]) {
			t.Fatalf("%#v became %#v", v, decoded[i])
		}
	}
}
