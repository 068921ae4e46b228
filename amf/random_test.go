package amf

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// generator makes random values that come back from a codec as they are.
type generator struct {
	*rand.Rand
	amf3 bool
}

func (g generator) value(depth int) any {
	if depth > 0 && g.IntN(3) > 0 {
		return g.composite(depth - 1)
	}
	return g.scalar()
}

func (g generator) scalar() any {
	n := 7
	if g.amf3 {
		n = 9
	}
	switch g.IntN(n) {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2:
		return g.NormFloat64()
	case 3:
		return g.text()
	case 4:
		return Undefined{}
	case 5:
		return XML(g.text())
	case 6:
		return Date{Milliseconds: g.Float64() * 1e12}
	case 7:
		return int32(g.Uint32()) >> (3 + g.IntN(29))
	default:
		return ByteArray(g.text())
	}
}

func (g generator) composite(depth int) any {
	n := 3
	if g.amf3 {
		n = 9
	}
	switch g.IntN(n) {
	case 0:
		o := &Object{Class: g.text(), Properties: g.properties(depth)}
		if g.amf3 {
			o.Sealed = g.IntN(len(o.Properties) + 1)
		}
		return o
	case 1:
		a := &ECMAArray{Properties: append(g.properties(depth), Property{"last", nil})}
		if g.amf3 {
			a.Dense = g.values(depth)
		}
		return a
	case 2:
		return &StrictArray{Values: g.values(depth)}
	case 3:
		return &VectorInt{Fixed: g.IntN(2) == 0, Values: []int32{g.Int32(), -g.Int32()}}
	case 4:
		return &VectorUint{Fixed: g.IntN(2) == 0, Values: []uint32{g.Uint32()}}
	case 5:
		return &VectorDouble{Fixed: g.IntN(2) == 0, Values: []float64{g.Float64()}}
	case 6:
		return &VectorObject{Fixed: g.IntN(2) == 0, Type: g.text(), Values: g.values(depth)}
	case 7:
		d := &Dictionary{WeakKeys: g.IntN(2) == 0}
		for range g.IntN(4) {
			d.Entries = append(d.Entries, DictionaryEntry{g.value(depth), g.value(depth)})
		}
		return d
	default:
		return &Externalized{"flex.messaging.io.ObjectProxy", g.value(depth)}
	}
}

func (g generator) properties(depth int) []Property {
	var ps []Property
	for range g.IntN(5) {
		ps = append(ps, Property{"p" + g.text(), g.value(depth)})
	}
	return ps
}

func (g generator) values(depth int) []any {
	var vs []any
	for range g.IntN(5) {
		vs = append(vs, g.value(depth))
	}
	return vs
}

// text is often short and sometimes repeated, so that AMF3 finds something to refer to.
func (g generator) text() string {
	switch g.IntN(4) {
	case 0:
		return ""
	case 1:
		return "often"
	default:
		return strings.Repeat(string(rune('a'+g.IntN(26))), g.IntN(200))
	}
}

func TestRandomRoundTrip(t *testing.T) {
	l := Limits{Nodes: 1 << 20, Bytes: 1 << 26}
	for seed := range uint64(300) {
		for _, amf3 := range []bool{false, true} {
			c, g := codec0, generator{rand.New(rand.NewPCG(seed, 1)), amf3}
			if amf3 {
				c = codec3
			}
			message := []any{g.value(5), g.value(5), g.value(2)}

			// With references …
			b, err := encodeWithin(c, l, message...)
			require.NoError(t, err)
			got, err := c.decodeAll(b, l)
			require.NoError(t, err, "seed %d", seed)
			require.Equal(t, message, got, "seed %d", seed)

			// … and without.
			b = nil
			for _, v := range message {
				b, err = c.append(b, v)
				require.NoError(t, err)
			}
			got, err = c.decodeAll(b, l)
			require.NoError(t, err, "seed %d", seed)
			require.Equal(t, message, got, "seed %d", seed)
		}
	}
}
