package media

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func key(t *testing.T, typ ValueType) Key {
	t.Helper()
	k, err := new(Keys).Key("k", typ)
	require.NoError(t, err)
	return k
}

func TestKeysAreTheSameForTheSameNameAndType(t *testing.T) {
	var keys Keys
	a, err := keys.Key("a", U8)
	require.NoError(t, err)
	again, err := keys.Key("a", U8)
	require.NoError(t, err)
	require.Equal(t, a, again)
	otherType, err := keys.Key("a", U16)
	require.NoError(t, err)
	require.NotEqual(t, a, otherType)
	otherName, err := keys.Key("b", U8)
	require.NoError(t, err)
	require.NotEqual(t, a, otherName)
}

func TestKeysLimit(t *testing.T) {
	var keys Keys
	seen := make(map[Key]bool)
	for i := range attributeKeysMax {
		k, err := keys.Key(fmt.Sprint(i), U8)
		require.NoError(t, err)
		require.False(t, seen[k])
		seen[k] = true
	}
	_, err := keys.Key("one more", U8)
	require.EqualError(t, err, `attribute "one more": all 4095 keys are taken`)
	_, err = keys.Key("0", U8)
	require.NoError(t, err, "a known key is no new one")
}

func TestKeysRefuseUnknownTypes(t *testing.T) {
	for _, typ := range []ValueType{0, Bytes + 1, 255} {
		_, err := new(Keys).Key("k", typ)
		require.Error(t, err)
	}
}

func TestKeysFromManyGoroutines(t *testing.T) {
	var keys Keys
	var all sync.WaitGroup
	got := make([]Key, 8)
	for i := range got {
		all.Go(func() {
			for n := range 100 {
				got[i], _ = keys.Key(fmt.Sprint(n), I32)
			}
		})
	}
	all.Wait()
	for _, k := range got {
		require.Equal(t, got[0], k)
	}
}

func TestAttributeValuesAtTheirLimits(t *testing.T) {
	f := func(v Value, fits bool) {
		t.Helper()
		_, err := NewAttributes(Attribute{key(t, v.typ), v})
		if fits {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, "attribute 0: value out of range")
		}
	}
	f(Uint(U8, math.MaxUint8), true)
	f(Uint(U8, math.MaxUint8+1), false)
	f(Uint(U16, math.MaxUint16), true)
	f(Uint(U16, math.MaxUint16+1), false)
	f(Uint(U32, math.MaxUint32), true)
	f(Uint(U32, math.MaxUint32+1), false)
	f(Uint(U64, math.MaxUint64), true)
	f(Int(I8, math.MaxInt8), true)
	f(Int(I8, math.MaxInt8+1), false)
	f(Int(I8, math.MinInt8), true)
	f(Int(I8, math.MinInt8-1), false)
	f(Int(I16, math.MaxInt16), true)
	f(Int(I16, math.MaxInt16+1), false)
	f(Int(I16, math.MinInt16), true)
	f(Int(I16, math.MinInt16-1), false)
	f(Int(I32, math.MaxInt32), true)
	f(Int(I32, math.MaxInt32+1), false)
	f(Int(I32, math.MinInt32), true)
	f(Int(I32, math.MinInt32-1), false)
	f(Int(I64, math.MaxInt64), true)
	f(Int(I64, math.MinInt64), true)
	f(BoolValue(true), true)
	f(BytesValue(nil), true)
	f(BytesValue(make([]byte, attributeBytesMax)), true)
	f(BytesValue(make([]byte, attributeBytesMax+1)), false)
}

func TestAttributesRefuseValuesOfAnotherType(t *testing.T) {
	f := func(k Key, v Value) {
		t.Helper()
		_, err := NewAttributes(Attribute{k, v})
		require.ErrorContains(t, err, "attribute 0: value of type")
	}
	f(key(t, U8), Uint(U16, 1))
	f(key(t, Bool), Uint(U8, 1))
	f(key(t, Bytes), Value{})
	f(Key{}, Value{})
	f(Key{typ: U8}, Uint(U8, 1)) // from no registry
	f(key(t, Bool), Uint(Bool, 7))
	f(key(t, U64), Int(U64, -1))
	f(key(t, I8), Uint(I8, 1))
	f(key(t, Bytes), Uint(Bytes, 1))
}

func TestAttributesKeepOrderAndFindTheFirst(t *testing.T) {
	var keys Keys
	n, _ := keys.Key("n", I16)
	s, _ := keys.Key("s", Bytes)
	missing, _ := keys.Key("missing", Bool)
	list := []Attribute{{n, Int(I16, -5)}, {s, BytesValue([]byte("x"))}, {n, Int(I16, 6)}}
	a, err := NewAttributes(list...)
	require.NoError(t, err)
	want := append([]Attribute(nil), list...)
	list[0] = Attribute{} // the list is a copy
	require.Equal(t, want, a.All())
	v, ok := a.Get(n)
	require.True(t, ok)
	require.Equal(t, int64(-5), v.Int())
	v, ok = a.Get(s)
	require.True(t, ok)
	require.Equal(t, "x", string(v.Bytes()))
	_, ok = a.Get(missing)
	require.False(t, ok)
}

func TestValuesReadBack(t *testing.T) {
	require.Equal(t, uint64(math.MaxUint64), Uint(U64, math.MaxUint64).Uint())
	require.Equal(t, int64(math.MinInt64), Int(I64, math.MinInt64).Int())
	require.True(t, BoolValue(true).Bool())
	require.False(t, BoolValue(false).Bool())
}

func TestNilAttributesAreEmpty(t *testing.T) {
	var a *Attributes
	_, ok := a.Get(key(t, U8))
	require.False(t, ok)
	require.Empty(t, a.All())
}
