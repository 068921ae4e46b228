package amf

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// named is the part that *Object and *ECMAArray have in common.
type named interface {
	Get(string) (any, bool)
	Set(string, any)
	String(string) string
	Number(string) (float64, bool)
}

func TestProperties(t *testing.T) {
	list := func() []Property {
		return props("s", "text", "f", 2.5, "i", int32(7), "null", nil, "twice", "first", "twice", "last")
	}
	for _, o := range []named{&Object{Properties: list()}, &ECMAArray{Properties: list()}} {
		v, ok := o.Get("null")
		require.True(t, ok)
		require.Nil(t, v)
		_, ok = o.Get("none")
		require.False(t, ok)

		require.Equal(t, "text", o.String("s"))
		require.Equal(t, "last", o.String("twice"))
		require.Empty(t, o.String("f"))
		require.Empty(t, o.String("none"))

		n, ok := o.Number("f")
		require.True(t, ok)
		require.Equal(t, 2.5, n)
		n, ok = o.Number("i")
		require.True(t, ok)
		require.Equal(t, 7.0, n)
		_, ok = o.Number("s")
		require.False(t, ok)
		_, ok = o.Number("none")
		require.False(t, ok)

		o.Set("s", "new")
		o.Set("twice", "newer")
		o.Set("added", true)
	}

	want := props("s", "new", "f", 2.5, "i", int32(7), "null", nil, "twice", "first", "twice", "newer", "added", true)
	o := &Object{Properties: list()}
	o.Set("s", "new")
	o.Set("twice", "newer")
	o.Set("added", true)
	require.Equal(t, want, o.Properties)
}

func TestPropertiesOfNil(t *testing.T) {
	for _, o := range []named{(*Object)(nil), (*ECMAArray)(nil)} {
		_, ok := o.Get("a")
		require.False(t, ok)
		require.Empty(t, o.String("a"))
		_, ok = o.Number("a")
		require.False(t, ok)
	}
}
