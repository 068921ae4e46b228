package amf

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEncoderWritesReferences(t *testing.T) {
	o := &Object{}
	list := &StrictArray{Values: []any{o}}
	o.Set("self", o)
	o.Set("list", list)
	m := &ECMAArray{Properties: props("o", o, "list", list)}

	b, err := encodeWithin(codec0, Limits{}, o, m, m)
	require.NoError(t, err)
	require.Equal(t, unhex(t, `03 0004 'self' 07 0000 0004 'list' 0A 00000001 07 0000 0000 09
		08 00000002 0001 'o' 07 0000 0004 'list' 07 0001 0000 09
		07 0002`), b)
}

func TestEncoder3WritesReferences(t *testing.T) {
	o := &Object{Class: "C", Sealed: 1}
	o.Set("self", o)
	dates := &StrictArray{Values: []any{Date{}, XML("C"), ByteArray("C")}}

	b, err := encodeWithin(codec3, Limits{}, o, dates, dates, &Object{Class: "C", Sealed: 1, Properties: props("self", "C")},
		&Object{Class: "C", Properties: props("self", "")}, "self")
	require.NoError(t, err)
	require.Equal(t, unhex(t, `0A 13 03 'C' 09 'self' 0A 00
		09 07 01 08 01 0000000000000000 0B 03 'C' 0C 03 'C'
		09 02
		0A 01 06 00
		0A 0B 00 02 06 01 01
		06 02`), b)
}

func TestEncoder3ReferencesAreFoundAgain(t *testing.T) {
	shared := []any{
		&Object{Properties: props("a", true)}, &ECMAArray{Properties: props("a", true)}, &StrictArray{},
		&VectorInt{Values: []int32{1}}, &VectorUint{Values: []uint32{1}}, &VectorDouble{Values: []float64{1}},
		&VectorObject{}, &Dictionary{}, &Externalized{"flex.messaging.io.ArrayList", nil},
		&Externalized{"flex.messaging.io.ArrayList", true},
	}
	message := append([]any{Date{}, XML("x"), ByteArray("x")}, shared...)
	message = append(message, shared...)
	b, err := encodeWithin(codec3, Limits{}, message...)
	require.NoError(t, err)
	got, err := Decode3All(b, Limits{})
	require.NoError(t, err)
	require.Equal(t, message, got)
	first := len(message) - 2*len(shared)
	for i := range shared {
		require.Same(t, got[first+i], got[first+len(shared)+i])
	}
}

// What only AMF3 has is written in full inside AMF0, since tables may or may not be shared between such values.
func TestEncoderKeepsAMF3WithoutReferences(t *testing.T) {
	d := &Dictionary{Entries: []DictionaryEntry{{"k", "k"}}}
	b, err := encodeWithin(codec0, Limits{}, d, d)
	require.NoError(t, err)
	one := "11 11 03 00 06 03 'k' 06 03 'k'"
	require.Equal(t, unhex(t, one+one), b)
}

func TestAppendRefusesCycles(t *testing.T) {
	o := &Object{}
	o.Set("list", &StrictArray{Values: []any{o}})
	d := &Dictionary{}
	d.Entries = []DictionaryEntry{{"self", d}}
	for _, v := range []any{o, d} {
		for _, c := range []codec{codec0, codec3} {
			_, err := c.append(nil, v)
			require.ErrorIs(t, err, ErrTooDeep)
		}
	}
}

// Thirty levels that each contain the next one twice are a billion values when written in full.
func TestAppendIsBoundedForSharedParts(t *testing.T) {
	var v any
	for range 30 {
		v = &StrictArray{Values: []any{v, v}}
	}
	for _, c := range []codec{codec0, codec3} {
		_, err := c.append(nil, v)
		require.ErrorIs(t, err, ErrTooManyNodes)
		b, err := encodeWithin(c, Limits{}, v)
		require.NoError(t, err)
		_, err = c.decodeAll(b, Limits{})
		require.NoError(t, err)
	}
}

// Traits are the same only if class, sealed names and all flags are.
func TestEncoder3TellsTraitsApart(t *testing.T) {
	const class = "flex.messaging.io.ObjectProxy"
	message := []any{
		&Object{Class: class, Sealed: 1, Properties: props("a", nil)},
		&Object{Class: class, Sealed: 1, Properties: props("a", nil, "b", nil)},
		&Object{Class: class, Sealed: 2, Properties: props("a", nil, "b", nil)},
		&Object{Class: class, Sealed: 1, Properties: props("ab", nil)},
		&Object{Class: class, Properties: props("a", nil)},
		&Externalized{class, nil},
		&Object{Properties: props("a", nil)},
		&Object{Properties: props("a", nil), Sealed: 1},
	}
	message = append(message, message...)
	b, err := encodeWithin(codec3, Limits{}, message...)
	require.NoError(t, err)
	got, err := Decode3All(b, Limits{})
	require.NoError(t, err)
	require.Equal(t, message, got)
}

func TestSealedOutOfRange(t *testing.T) {
	for sealed, want := range map[int]string{
		-1: "0A 0B 01 03 'a' 03 01", 0: "0A 0B 01 03 'a' 03 01", 1: "0A 13 01 03 'a' 03", 2: "0A 13 01 03 'a' 03",
	} {
		b, err := Append3(nil, &Object{Properties: props("a", true), Sealed: sealed})
		require.NoError(t, err)
		require.Equal(t, unhex(t, want), b)
	}
}
