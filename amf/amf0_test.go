package amf

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func props(nameValue ...any) []Property {
	var ps []Property
	for i := 0; i < len(nameValue); i += 2 {
		ps = append(ps, Property{nameValue[i].(string), nameValue[i+1]})
	}
	return ps
}

func rows0() []row {
	return []row{
		{name: "number 0", bytes: "00 0000000000000000", value: 0.0},
		{name: "number 1", bytes: "00 3FF0000000000000", value: 1.0},
		{name: "number -2.5", bytes: "00 C004000000000000", value: -2.5},
		{name: "number infinity", bytes: "00 7FF0000000000000", value: math.Inf(1)},
		{name: "boolean true", bytes: "01 01", value: true},
		{name: "boolean false", bytes: "01 00", value: false},
		{name: "boolean 2", bytes: "01 02", value: true, decodeOnly: true},
		{name: "string", bytes: "02 0004 'live'", value: "live"},
		{name: "string empty", bytes: "02 0000", value: ""},
		{name: "string not UTF-8", bytes: "02 0002 FFFE", value: "\xFF\xFE"},
		{name: "null", bytes: "05", value: nil},
		{name: "undefined", bytes: "06", value: Undefined{}},
		{name: "unsupported", bytes: "0D", value: Unsupported{}},
		{name: "date", bytes: "0B 4270000000000000 FFC4", value: Date{Milliseconds: 1 << 40, Zone: -60}},
		{name: "long string", bytes: "0C 00000002 'hi'", value: "hi", decodeOnly: true},
		{name: "long string empty", bytes: "0C 00000000", value: "", decodeOnly: true},
		{name: "XML document", bytes: "0F 00000004 '<a/>'", value: XML("<a/>")},
		{
			name: "object", bytes: "03 0001 'a' 05 0001 'b' 01 01 0000 09",
			value: &Object{Properties: props("a", nil, "b", true)}, cuts: []int{1, 5, 10},
		},
		{name: "object empty", bytes: "03 0000 09", value: &Object{}, cuts: []int{1}},
		{
			name: "object keeps order and repeated names", bytes: "03 0001 'b' 05 0001 'a' 05 0001 'b' 06 0000 09",
			value: &Object{Properties: props("b", nil, "a", nil, "b", Undefined{})}, cuts: []int{1, 5, 9, 13},
		},
		{
			name: "object with an empty name", bytes: "03 0000 05 0000 09",
			value: &Object{Properties: props("", nil)}, cuts: []int{1, 4},
		},
		{
			name: "object in object", bytes: "03 0001 'o' 03 0001 'n' 05 0000 09 0000 09",
			value: &Object{Properties: props("o", &Object{Properties: props("n", nil)})}, cuts: []int{1, 5, 9, 12},
		},
		{
			name: "object without end marker", bytes: "03 0001 'a' 05",
			value: &Object{Properties: props("a", nil)}, decodeOnly: true, cuts: []int{1},
		},
		{
			name: "typed object", bytes: "10 0003 'Cls' 0001 'a' 05 0000 09",
			value: &Object{Class: "Cls", Properties: props("a", nil)}, cuts: []int{6, 10},
		},
		{
			name: "typed object without class", bytes: "10 0000 0000 09",
			value: &Object{}, decodeOnly: true, cuts: []int{3},
		},
		{
			name: "ECMA array", bytes: "08 00000002 0001 'a' 05 0001 'b' 06 0000 09",
			value: &ECMAArray{Properties: props("a", nil, "b", Undefined{})}, cuts: []int{5, 9, 13},
		},
		{
			name: "ECMA array with count 0", bytes: "08 00000000 0001 'a' 05 0000 09",
			value: &ECMAArray{Properties: props("a", nil)}, decodeOnly: true, cuts: []int{5, 9},
		},
		{
			name: "ECMA array with a count too high", bytes: "08 FFFFFFFF 0001 'a' 05 0000 09",
			value: &ECMAArray{Properties: props("a", nil)}, decodeOnly: true, cuts: []int{5, 9},
		},
		{
			name: "ECMA array without end marker", bytes: "08 00000001 0001 'a' 05",
			value: &ECMAArray{Properties: props("a", nil)}, decodeOnly: true, cuts: []int{5},
		},
		{name: "strict array", bytes: "0A 00000002 05 0101", value: &StrictArray{Values: []any{nil, true}}},
		{name: "strict array empty", bytes: "0A 00000000", value: &StrictArray{}},
		{
			name: "strict array of objects", bytes: "0A 00000001 03 0001 'a' 05 0000 09",
			value: &StrictArray{Values: []any{&Object{Properties: props("a", nil)}}}, cuts: []int{6, 10},
		},
		{name: "AMF3 value", bytes: "11 0C 05 'hi'", value: ByteArray("hi")},
		{name: "AMF3 integer", bytes: "11 04 81 00", value: int32(128), decodeOnly: true},
		{
			name: "AMF3 object in object", bytes: "03 0001 'o' 11 0A 0B 01 03 'k' 03 01 0000 09",
			value: &Object{Properties: props("o", &Object{Properties: props("k", true)})}, decodeOnly: true,
			cuts: []int{1, 12},
		},
	}
}

func TestAMF0(t *testing.T) { codec0.testRows(t, rows0()) }

func TestAMF0LongString(t *testing.T) {
	for _, length := range []int{shortLength0Max, shortLength0Max + 1} {
		s := strings.Repeat("x", length)
		b, err := Append(nil, s)
		require.NoError(t, err)
		require.Equal(t, AppendString(nil, s), b)
		if length > shortLength0Max {
			require.Equal(t, []byte{markerLongString, 0, 1, 0, 0}, b[:5])
		} else {
			require.Equal(t, []byte{markerString, 0xFF, 0xFF}, b[:3])
		}
		got, err := DecodeAll(b, Limits{})
		require.NoError(t, err)
		require.Equal(t, []any{s}, got)
	}
}

func TestAppendFunctions(t *testing.T) {
	b := AppendString(nil, "a")
	b = AppendNumber(b, 3)
	b = AppendBool(b, true)
	b = AppendBool(b, false)
	b = AppendNull(b)
	got, err := DecodeAll(b, Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{"a", 3.0, true, false, nil}, got)
}

func TestAMF0References(t *testing.T) {
	// {self: ref 0, list: [ref 0, ref 1], map: ECMA {up: ref 2}}, then ref 2 from the next value of the message.
	b := unhex(t, `03 0004 'self' 07 0000
		0004 'list' 0A 00000002 07 0000 07 0001
		0003 'map' 08 00000001 0002 'up' 07 0002 0000 09
		0000 09
		07 0002`)
	got, err := DecodeAll(b, Limits{})
	require.NoError(t, err)
	require.Len(t, got, 2)
	o := got[0].(*Object)
	list, m := o.Properties[1].Value.(*StrictArray), o.Properties[2].Value.(*ECMAArray)
	require.Same(t, o, o.Properties[0].Value)
	require.Same(t, o, list.Values[0])
	require.Same(t, list, list.Values[1])
	require.Same(t, m, m.Properties[0].Value)
	require.Same(t, m, got[1])
}

func TestAMF0TypedObjectsAreReferred(t *testing.T) {
	got, err := DecodeAll(unhex(t, "10 0001 'C' 0000 09 07 0000"), Limits{})
	require.NoError(t, err)
	require.Same(t, got[0], got[1])
}

func TestAMF3TablesServeTheWholeAMF0Message(t *testing.T) {
	got, err := DecodeAll(unhex(t, "11 06 05 'hi' 11 06 00 11 09 01 01 11 09 00"), Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{"hi", "hi"}, got[:2])
	require.Same(t, got[2], got[3])
}

func TestDecoderSteps(t *testing.T) {
	b := unhex(t, "02 0001 'a' 05 FF 05")
	d := NewDecoder(b, Limits{})
	require.Equal(t, b, d.Remaining())

	v, err := d.Decode()
	require.NoError(t, err)
	require.Equal(t, "a", v)
	require.Equal(t, b[4:], d.Remaining())

	v, err = d.Decode()
	require.NoError(t, err)
	require.Nil(t, v)

	for range 2 {
		v, err = d.Decode()
		require.Equal(t, &SyntaxError{Offset: 5, Err: ErrUnknownMarker}, err)
		require.Nil(t, v)
		require.Equal(t, b[5:], d.Remaining())
	}
	require.EqualError(t, err, "amf: byte 5: unknown type marker")

	d = NewDecoder(b[:4], Limits{})
	_, err = d.Decode()
	require.NoError(t, err)
	for range 2 {
		_, err = d.Decode()
		require.Equal(t, io.EOF, err)
		require.Empty(t, d.Remaining())
	}
}

func TestDecodeAllKeepsWhatCameBeforeTheError(t *testing.T) {
	got, err := DecodeAll(unhex(t, "02 0007 'publish' 00 4000000000000000 02 00"), Limits{})
	require.Equal(t, &SyntaxError{Offset: 20, Err: io.ErrUnexpectedEOF}, err)
	require.Equal(t, []any{"publish", 2.0}, got)
}

func TestAppendConvenience(t *testing.T) {
	for _, v := range []any{int(5), int8(5), int16(5), int32(5), int64(5), uint(5), uint8(5), uint16(5), uint32(5), uint64(5)} {
		b, err := Append(nil, v)
		require.NoError(t, err)
		require.Equal(t, AppendNumber(nil, 5), b, "%T", v)
		b, err = Append3(nil, v)
		require.NoError(t, err)
		require.Equal(t, []byte{marker3Integer, 5}, b, "%T", v)
	}
	for _, v := range []any{(*Object)(nil), (*ECMAArray)(nil), (*StrictArray)(nil)} {
		b, err := Append(nil, v)
		require.NoError(t, err)
		require.Equal(t, []byte{markerNull}, b, "%T", v)
	}
	for _, v := range []any{
		(*Object)(nil), (*ECMAArray)(nil), (*StrictArray)(nil), (*VectorInt)(nil), (*VectorUint)(nil),
		(*VectorDouble)(nil), (*VectorObject)(nil), (*Dictionary)(nil), (*Externalized)(nil),
	} {
		b, err := Append3(nil, v)
		require.NoError(t, err)
		require.Equal(t, []byte{marker3Null}, b, "%T", v)
	}
}

func TestAppendFailures(t *testing.T) {
	f := func(c codec, v any, want error) {
		t.Helper()
		dst := []byte("kept")
		got, err := c.append(dst, v)
		require.ErrorIs(t, err, want)
		require.Equal(t, "kept", string(got))

		e := c.encoder(nil, Limits{})
		require.NoError(t, e.Encode("good"))
		good := string(e.Bytes())
		require.ErrorIs(t, e.Encode(v), want)
		require.ErrorIs(t, e.Encode("more"), want)
		require.Equal(t, good, string(e.Bytes()))
	}
	for _, c := range []codec{codec0, codec3} {
		f(c, struct{}{}, ErrUnsupportedType)
		f(c, Object{}, ErrUnsupportedType)
		f(c, &StrictArray{Values: []any{make(chan int)}}, ErrUnsupportedType)
	}
	longName := strings.Repeat("n", shortLength0Max+1)
	f(codec0, &Object{Properties: props(longName, nil)}, ErrTooLong)
	f(codec0, &Object{Class: longName}, ErrTooLong)
	f(codec0, &ECMAArray{Properties: props(longName, nil)}, ErrTooLong)
	f(codec3, &Object{Properties: props("", nil)}, ErrEmptyName)
	f(codec3, &ECMAArray{Properties: props("", nil)}, ErrEmptyName)

	var external *ExternalizableError
	_, err := Append3(nil, &Externalized{Class: "C"})
	require.ErrorAs(t, err, &external)
	require.Equal(t, "C", external.Class)
	require.EqualError(t, err, `amf: externalizable class "C" is not known`)
}

func TestECMAArrayDenseBecomesNamesInAMF0(t *testing.T) {
	b, err := Append(nil, &ECMAArray{Properties: props("a", true), Dense: []any{nil, "x"}})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "08 00000003 0001 'a' 0101 0001 '0' 05 0001 '1' 02 0001 'x' 0000 09"), b)
}
