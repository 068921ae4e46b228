package amf

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func rows3() []row {
	return []row{
		{name: "undefined", bytes: "00", value: Undefined{}},
		{name: "null", bytes: "01", value: nil},
		{name: "false", bytes: "02", value: false},
		{name: "true", bytes: "03", value: true},
		{name: "integer 0", bytes: "04 00", value: int32(0)},
		{name: "integer 1 byte", bytes: "04 7F", value: int32(0x7F)},
		{name: "integer 2 bytes", bytes: "04 81 00", value: int32(0x80)},
		{name: "integer 2 bytes, most", bytes: "04 FF 7F", value: int32(0x3FFF)},
		{name: "integer 3 bytes", bytes: "04 81 80 00", value: int32(0x4000)},
		{name: "integer 3 bytes, most", bytes: "04 FF FF 7F", value: int32(0x1FFFFF)},
		{name: "integer 4 bytes", bytes: "04 80 C0 80 00", value: int32(0x200000)},
		{name: "integer most", bytes: "04 BF FF FF FF", value: int32(1<<28 - 1)},
		{name: "integer least", bytes: "04 C0 80 80 00", value: int32(-1 << 28)},
		{name: "integer -1", bytes: "04 FF FF FF FF", value: int32(-1)},
		{name: "integer overlong", bytes: "04 80 80 80 05", value: int32(5), decodeOnly: true},
		{name: "double", bytes: "05 3FF8000000000000", value: 1.5},
		{name: "string", bytes: "06 09 'live'", value: "live"},
		{name: "string empty", bytes: "06 01", value: ""},
		{name: "XML document", bytes: "07 09 '<a/>'", value: XML("<a/>"), decodeOnly: true},
		{name: "XML", bytes: "0B 09 '<a/>'", value: XML("<a/>")},
		{name: "date", bytes: "08 01 4270000000000000", value: Date{Milliseconds: 1 << 40}},
		{name: "array", bytes: "09 05 01 01 03", value: &StrictArray{Values: []any{nil, true}}},
		{name: "array empty", bytes: "09 01 01", value: &StrictArray{}},
		{
			name: "array with names", bytes: "09 01 03 'b' 03 03 'a' 02 01",
			value: &ECMAArray{Properties: props("b", true, "a", false)},
		},
		{
			name: "array with both", bytes: "09 03 03 'a' 03 01 04 07",
			value: &ECMAArray{Properties: props("a", true), Dense: []any{int32(7)}},
		},
		{
			name: "object anonymous", bytes: "0A 0B 01 03 'b' 03 03 'a' 01 01",
			value: &Object{Properties: props("b", true, "a", nil)},
		},
		{name: "object empty", bytes: "0A 0B 01 01", value: &Object{}},
		{name: "object sealed", bytes: "0A 23 07 'Cls' 03 'x' 03 'y' 04 01 04 02", value: &Object{
			Class: "Cls", Sealed: 2, Properties: props("x", int32(1), "y", int32(2)),
		}},
		{name: "object sealed and dynamic", bytes: "0A 1B 07 'Cls' 03 'x' 04 01 03 'z' 02 01", value: &Object{
			Class: "Cls", Sealed: 1, Properties: props("x", int32(1), "z", false),
		}},
		{
			name: "object with an empty sealed name", bytes: "0A 13 01 01 03",
			value: &Object{Sealed: 1, Properties: props("", true)},
		},
		{name: "object with nothing", bytes: "0A 03 03 'C'", value: &Object{Class: "C"}, decodeOnly: true},
		{
			name: "array collection", bytes: "0A 07 43 'flex.messaging.io.ArrayCollection' 09 03 01 03",
			value: &Externalized{"flex.messaging.io.ArrayCollection", &StrictArray{Values: []any{true}}},
		},
		{
			name: "array list", bytes: "0A 07 37 'flex.messaging.io.ArrayList' 09 01 01",
			value: &Externalized{"flex.messaging.io.ArrayList", &StrictArray{}},
		},
		{
			name: "object proxy", bytes: "0A 07 3B 'flex.messaging.io.ObjectProxy' 0A 0B 01 03 'a' 03 01",
			value: &Externalized{"flex.messaging.io.ObjectProxy", &Object{Properties: props("a", true)}},
		},
		{name: "byte array", bytes: "0C 07 00FF80", value: ByteArray{0, 0xFF, 0x80}},
		{name: "byte array empty", bytes: "0C 01", value: ByteArray{}},
		{
			name: "vector of int", bytes: "0D 05 01 FFFFFFFF 00000002",
			value: &VectorInt{Fixed: true, Values: []int32{-1, 2}},
		},
		{name: "vector of int, empty", bytes: "0D 01 00", value: &VectorInt{Values: []int32{}}},
		{name: "vector of uint", bytes: "0E 03 00 FFFFFFFF", value: &VectorUint{Values: []uint32{0xFFFFFFFF}}},
		{name: "vector of double", bytes: "0F 03 00 3FF0000000000000", value: &VectorDouble{Values: []float64{1}}},
		{
			name: "vector of object", bytes: "10 05 01 07 'Cls' 01 06 03 'v'",
			value: &VectorObject{Fixed: true, Type: "Cls", Values: []any{nil, "v"}},
		},
		{name: "dictionary", bytes: "11 05 01 06 03 'k' 03 05 3FF0000000000000 01", value: &Dictionary{
			WeakKeys: true, Entries: []DictionaryEntry{{"k", true}, {1.0, nil}},
		}},
		{name: "dictionary empty", bytes: "11 01 00", value: &Dictionary{}},
	}
}

func TestAMF3(t *testing.T) { codec3.testRows(t, rows3()) }

// Every AMF3 row is also an AMF0 value behind the switch marker, decoded to the same.
func TestAMF3InsideAMF0(t *testing.T) {
	var rows []row
	for _, r := range rows3() {
		switch r.value.(type) {
		case ByteArray, *VectorInt, *VectorUint, *VectorDouble, *VectorObject, *Dictionary, *Externalized:
		default:
			r.decodeOnly = true // AMF0 has a type of its own for it
		}
		r.bytes = "11 " + r.bytes
		rows = append(rows, r)
	}
	codec0.testRows(t, rows)
}

func TestAMF3UnsupportedIsUndefined(t *testing.T) {
	b, err := Append3(nil, Unsupported{})
	require.NoError(t, err)
	require.Equal(t, []byte{marker3Undefined}, b)
}

func TestAMF3IntegerBeyond29Bits(t *testing.T) {
	for _, v := range []int32{1 << 28, -1<<28 - 1} {
		b, err := Append3(nil, v)
		require.NoError(t, err)
		got, err := Decode3All(b, Limits{})
		require.NoError(t, err)
		require.Equal(t, []any{float64(v)}, got)
	}
}

func TestAMF3U29HasAtMost4Bytes(t *testing.T) {
	got, err := Decode3All(unhex(t, "04 FF FF FF FF 03"), Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{int32(-1), true}, got)
}

func TestAMF3StringReferences(t *testing.T) {
	// Values, names and classes share the table; the empty string has no place in it.
	got, err := Decode3All(unhex(t, "06 03 'a' 06 01 0A 0B 03 'C' 00 06 02 01 06 00"), Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{"a", "", &Object{Class: "C", Properties: props("a", "C")}, "a"}, got)
}

func TestAMF3TraitsReferences(t *testing.T) {
	got, err := Decode3All(unhex(t, `0A 1B 03 'C' 03 'x' 04 01 03 'y' 04 02 01
		0A 01 04 03 01
		0A 07 3B 'flex.messaging.io.ObjectProxy' 01
		0A 05 03`), Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{
		&Object{Class: "C", Sealed: 1, Properties: props("x", int32(1), "y", int32(2))},
		&Object{Class: "C", Sealed: 1, Properties: props("x", int32(3))},
		&Externalized{"flex.messaging.io.ObjectProxy", nil},
		&Externalized{"flex.messaging.io.ObjectProxy", true},
	}, got)
}

func TestAMF3ObjectReferences(t *testing.T) {
	kinds := []string{
		"07 03 'x'", "08 01 0000000000000000", "09 01 01", "09 01 03 'a' 01 01", "0A 0B 01 01", "0B 03 'x'", "0C 03 'x'",
		"0D 01 00", "0E 01 00", "0F 01 00", "10 01 00 01", "11 01 00", "0A 07 3B 'flex.messaging.io.ObjectProxy' 01",
	}
	for _, kind := range kinds {
		b := unhex(t, kind)
		marker := b[0]
		// After another object, so that the index is 1.
		got, err := Decode3All(append(append(unhex(t, "09 01 01"), b...), marker, 1<<1), Limits{})
		require.NoError(t, err, kind)
		require.Len(t, got, 3)
		require.Equal(t, got[1], got[2], kind)
		switch got[1].(type) {
		case Date, XML, ByteArray:
		default:
			require.Same(t, got[1], got[2], kind)
		}
	}
}

func TestAMF3Cycles(t *testing.T) {
	f := func(bytes string, child func(v any) any) {
		t.Helper()
		got, err := Decode3All(unhex(t, bytes), Limits{})
		require.NoError(t, err)
		require.Same(t, got[0], child(got[0]))
	}
	f("0A 0B 01 03 'a' 0A 00 01", func(v any) any { return v.(*Object).Properties[0].Value })
	f("0A 13 01 03 'a' 0A 00", func(v any) any { return v.(*Object).Properties[0].Value })
	f("09 03 01 09 00", func(v any) any { return v.(*StrictArray).Values[0] })
	f("09 01 03 'a' 09 00 01", func(v any) any { return v.(*ECMAArray).Properties[0].Value })
	f("09 03 03 'a' 01 01 09 00", func(v any) any { return v.(*ECMAArray).Dense[0] })
	f("10 03 00 01 10 00", func(v any) any { return v.(*VectorObject).Values[0] })
	f("11 03 00 11 00 01", func(v any) any { return v.(*Dictionary).Entries[0].Key })
	f("0A 07 3B 'flex.messaging.io.ObjectProxy' 0A 00", func(v any) any { return v.(*Externalized).Value })
}

func TestDecoder3Steps(t *testing.T) {
	b := unhex(t, "03 12 03")
	d := NewDecoder3(b, Limits{})
	v, err := d.Decode()
	require.NoError(t, err)
	require.Equal(t, true, v)
	for range 2 {
		_, err = d.Decode()
		require.Equal(t, &SyntaxError{Offset: 1, Err: ErrUnknownMarker}, err)
		require.Equal(t, b[1:], d.Remaining())
	}
}
