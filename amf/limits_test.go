package amf

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// nested is a value with depth levels, made by wrapping null.
func nested(depth int, wrap func(any) any) any {
	var v any
	for range depth {
		v = wrap(v)
	}
	return v
}

var wrappers = map[string]func(any) any{
	"object":       func(v any) any { return &Object{Properties: props("o", v)} },
	"ECMA array":   func(v any) any { return &ECMAArray{Properties: props("o", v)} },
	"strict array": func(v any) any { return &StrictArray{Values: []any{v}} },
	"dense":        func(v any) any { return &ECMAArray{Properties: props("o", nil), Dense: []any{v}} },
	"sealed":       func(v any) any { return &Object{Properties: props("o", v), Sealed: 1} },
	"vector":       func(v any) any { return &VectorObject{Values: []any{v}} },
	"key":          func(v any) any { return &Dictionary{Entries: []DictionaryEntry{{Key: v}}} },
	"dictionary":   func(v any) any { return &Dictionary{Entries: []DictionaryEntry{{Value: v}}} },
	"externalized": func(v any) any { return &Externalized{"flex.messaging.io.ObjectProxy", v} },
}

func TestDepthLimit(t *testing.T) {
	for name, wrap := range wrappers {
		for _, c := range []codec{codec0, codec3} {
			v := nested(4, wrap)
			_, err := encodeWithin(c, Limits{Depth: 4}, v)
			require.NoError(t, err, name)
			_, err = encodeWithin(c, Limits{Depth: 3}, v)
			require.ErrorIs(t, err, ErrTooDeep, name)

			b, err := c.append(nil, v)
			require.NoError(t, err)
			got, err := c.decodeAll(b, Limits{Depth: 4})
			require.NoError(t, err, name)
			require.Len(t, got, 1)
			_, err = c.decodeAll(b, Limits{Depth: 3})
			require.ErrorIs(t, err, ErrTooDeep, name)
		}
	}
}

func TestVectorsOfNumbersAreOneLevel(t *testing.T) {
	for _, vector := range []any{&VectorInt{}, &VectorUint{}, &VectorDouble{}} {
		v := &StrictArray{Values: []any{vector}}
		b, err := encodeWithin(codec3, Limits{Depth: 2}, v)
		require.NoError(t, err)
		_, err = Decode3All(b, Limits{Depth: 2})
		require.NoError(t, err)

		_, err = encodeWithin(codec3, Limits{Depth: 1}, v)
		require.ErrorIs(t, err, ErrTooDeep)
		_, err = Decode3All(b, Limits{Depth: 1})
		require.ErrorIs(t, err, ErrTooDeep)
	}
}

func TestDefaultDepth(t *testing.T) {
	wrap := wrappers["strict array"]
	b, err := Append(nil, nested(32, wrap))
	require.NoError(t, err)
	_, err = DecodeAll(b, Limits{})
	require.NoError(t, err)

	_, err = Append(nil, nested(33, wrap))
	require.ErrorIs(t, err, ErrTooDeep)
	_, err = DecodeAll(append([]byte{markerStrictArray, 0, 0, 0, 1}, b...), Limits{})
	require.ErrorIs(t, err, ErrTooDeep)
}

func TestDepthMaxHoldsAgainstLimits(t *testing.T) {
	l := Limits{Depth: 1 << 30, Nodes: 1 << 30, Bytes: 1 << 30}
	level := []byte{markerStrictArray, 0, 0, 0, 1}
	_, err := DecodeAll(append(bytes.Repeat(level, depthMax), markerNull), l)
	require.NoError(t, err)
	_, err = DecodeAll(append(bytes.Repeat(level, depthMax+1), markerNull), l)
	require.ErrorIs(t, err, ErrTooDeep)
}

// price is what a value costs, by the documentation of Limits.
type price struct {
	value        any
	nodes, bytes int
}

var prices = []price{
	{nil, 1, 0},
	{1.0, 1, 0},
	{"four", 1, 4},
	{XML("four"), 1, 4},
	{ByteArray("four"), 1, 4},
	{Date{}, 1, 0},
	{&Object{}, 1, 0},
	{&Object{Properties: props("ab", 1.0)}, 3, 2},
	{&Object{Class: "cls", Properties: props("ab", "v", "c", nil)}, 5, 7},
	{&Object{Class: "cls", Properties: props("ab", "v", "c", nil), Sealed: 1}, 5, 7},
	{&Object{Class: "cls", Properties: props("ab", "v", "c", nil), Sealed: 2}, 5, 7},
	{&ECMAArray{Properties: props("ab", nil)}, 3, 2},
	{&StrictArray{Values: []any{nil, "x"}}, 3, 1},
	{&VectorInt{Values: []int32{1, 2}}, 3, 0},
	{&VectorUint{Values: []uint32{1, 2}}, 3, 0},
	{&VectorDouble{Values: []float64{1, 2}}, 3, 0},
	{&VectorObject{Type: "type", Values: []any{nil, "x"}}, 3, 5},
	{&Dictionary{Entries: []DictionaryEntry{{"k", nil}, {nil, "vw"}}}, 5, 3},
	{&Externalized{"flex.messaging.io.ArrayList", &StrictArray{Values: []any{nil}}}, 3, 27},
}

func TestNodesAndBytesLimit(t *testing.T) {
	for _, p := range prices {
		for _, c := range []codec{codec0, codec3} {
			b, err := c.append(nil, p.value)
			require.NoError(t, err)

			// A zero field would mean the default, so there is one more value and byte in front.
			front := []any{"x", p.value}
			b = append(must(c.append(nil, "x")), b...)
			exact := Limits{Nodes: p.nodes + 1, Bytes: p.bytes + 1}
			got, err := c.decodeAll(b, exact)
			require.NoError(t, err, "%#v", p.value)
			require.Len(t, got, 2)
			_, err = encodeWithin(c, exact, front...)
			require.NoError(t, err, "%#v", p.value)

			fewer := Limits{Nodes: p.nodes, Bytes: p.bytes + 1}
			_, err = c.decodeAll(b, fewer)
			require.ErrorIs(t, err, ErrTooManyNodes, "%#v", p.value)
			_, err = encodeWithin(c, fewer, front...)
			require.ErrorIs(t, err, ErrTooManyNodes, "%#v", p.value)

			if p.bytes > 0 {
				shorter := Limits{Nodes: p.nodes + 1, Bytes: p.bytes}
				_, err = c.decodeAll(b, shorter)
				require.ErrorIs(t, err, ErrTooManyBytes, "%#v", p.value)
				_, err = encodeWithin(c, shorter, front...)
				require.ErrorIs(t, err, ErrTooManyBytes, "%#v", p.value)
			}
		}
	}
}

func TestDefaultNodesAndBytes(t *testing.T) {
	nulls := bytes.Repeat([]byte{markerNull}, 4096)
	_, err := DecodeAll(nulls, Limits{})
	require.NoError(t, err)
	_, err = DecodeAll(append(nulls, markerNull), Limits{})
	require.ErrorIs(t, err, ErrTooManyNodes)

	s := strings.Repeat("x", 1<<20)
	b := AppendString(nil, s)
	_, err = DecodeAll(b, Limits{})
	require.NoError(t, err)
	_, err = DecodeAll(AppendString(b, "y"), Limits{})
	require.ErrorIs(t, err, ErrTooManyBytes)

	_, err = Append(nil, s)
	require.NoError(t, err)
	_, err = Append(nil, s+"y")
	require.ErrorIs(t, err, ErrTooManyBytes)
}

// Bytes that AMF3 repeats by reference cost the same as if they had been written again.
func TestAMF3ReferencesArePaid(t *testing.T) {
	f := func(name, first, again string, nodes, size int) {
		t.Helper()
		b := unhex(t, first)
		for range 9 {
			b = append(b, unhex(t, again)...)
		}
		l := Limits{Nodes: 10 * nodes, Bytes: 10 * size}
		_, err := Decode3All(b, l)
		require.NoError(t, err, name)
		_, err = Decode3All(b, Limits{Nodes: l.Nodes - 1, Bytes: l.Bytes})
		require.ErrorIs(t, err, ErrTooManyNodes, name)
		_, err = Decode3All(b, Limits{Nodes: l.Nodes, Bytes: l.Bytes - 1})
		require.ErrorIs(t, err, ErrTooManyBytes, name)
	}
	f("string", "06 09 'four'", "06 00", 1, 4)
	f("name", "0A 0B 01 09 'four' 01 01", "0A 01 00 01 01", 3, 4)
	f("traits", "0A 23 07 'Cls' 03 'x' 03 'y' 01 01", "0A 01 01 01", 5, 5)
	f("externalizable", "0A 07 37 'flex.messaging.io.ArrayList' 01", "0A 01 01", 2, 27)
}

// encodeWithin encodes the values of one message within limits.
func encodeWithin(c codec, l Limits, values ...any) ([]byte, error) {
	e := c.encoder(nil, l)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			return nil, err
		}
	}
	return e.Bytes(), nil
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
