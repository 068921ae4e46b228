package amf

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMalformedAMF0(t *testing.T) {
	f := func(name string, b []byte, want error) {
		t.Helper()
		testMalformed(t, codec0, name, b, want)
	}
	f("70,000 nested strict arrays", bytes.Repeat([]byte{0x0A, 0, 0, 0, 1}, 70_000), ErrTooDeep)
	f("70,000 nested objects", bytes.Repeat([]byte{0x03, 0, 1, 'a'}, 70_000), ErrTooDeep)
	f("70,000 nested ECMA arrays", bytes.Repeat([]byte{0x08, 0, 0, 0, 1, 0, 1, 'a'}, 70_000), ErrTooDeep)
	f("70,000 nested typed objects", bytes.Repeat([]byte{0x10, 0, 1, 'C', 0, 1, 'a'}, 70_000), ErrTooDeep)
	f("70,000 switches to AMF3 and arrays", append([]byte{0x11}, bytes.Repeat([]byte{9, 3, 1}, 70_000)...), ErrTooDeep)
	f("strict array of 4 billion", unhex(t, "0A FFFFFFFF 05 05"), io.ErrUnexpectedEOF)
	f("strict array of 4 billion nulls, 100,000 sent",
		append(unhex(t, "0A FFFFFFFF"), bytes.Repeat([]byte{5}, 100_000)...), ErrTooManyNodes)
	f("ECMA array of 4 billion, cut in a name", unhex(t, "08 FFFFFFFF 0005 'a'"), io.ErrUnexpectedEOF)
	f("string longer than input", unhex(t, "02 0005 'abc'"), io.ErrUnexpectedEOF)
	f("long string of 4 GiB", unhex(t, "0C FFFFFFFF 'abc'"), io.ErrUnexpectedEOF)
	f("XML of 4 GiB", unhex(t, "0F FFFFFFFF 'abc'"), io.ErrUnexpectedEOF)
	f("property without value", unhex(t, "03 0001 'a'"), io.ErrUnexpectedEOF)
	f("object end cut after the empty name", unhex(t, "03 0000"), io.ErrUnexpectedEOF)
	f("object end as property value", unhex(t, "03 0001 'a' 09"), ErrUnknownMarker)
	f("object end as value", unhex(t, "09"), ErrUnknownMarker)
	f("movie clip", unhex(t, "04"), ErrReservedMarker)
	f("record set", unhex(t, "0E"), ErrReservedMarker)
	f("marker 12", unhex(t, "12"), ErrUnknownMarker)
	f("marker FF", unhex(t, "FF"), ErrUnknownMarker)
	f("reference before any object", unhex(t, "07 0000"), ErrReference)
	f("reference beyond the table", unhex(t, "03 0001 'a' 07 0001 0000 09"), ErrReference)
	f("reference to an AMF3 object", unhex(t, "0A 00000002 11 0A 0B 01 01 07 0001"), ErrReference)
	f("nothing after the switch", unhex(t, "11"), io.ErrUnexpectedEOF)
	f("unknown marker after the switch", unhex(t, "11 12"), ErrUnknownMarker)
}

func TestMalformedAMF3(t *testing.T) {
	f := func(name string, b []byte, want error) {
		t.Helper()
		testMalformed(t, codec3, name, b, want)
		testMalformed(t, codec0, name+" in AMF0", append([]byte{markerAVMPlus}, b...), want)
	}
	f("70,000 nested arrays", bytes.Repeat([]byte{0x09, 3, 1}, 70_000), ErrTooDeep)
	f("70,000 nested arrays with names", bytes.Repeat([]byte{0x09, 1, 3, 'a'}, 70_000), ErrTooDeep)
	f("70,000 nested objects", bytes.Repeat([]byte{0x0A, 0x0B, 1, 3, 'a'}, 70_000), ErrTooDeep)
	f("70,000 nested sealed objects", bytes.Repeat([]byte{0x0A, 0x13, 1, 3, 'a'}, 70_000), ErrTooDeep)
	f("70,000 nested dictionaries", bytes.Repeat([]byte{0x11, 3, 0}, 70_000), ErrTooDeep)
	f("70,000 nested vectors", bytes.Repeat([]byte{0x10, 3, 0, 1}, 70_000), ErrTooDeep)
	f("70,000 nested proxies", append(unhex(t, "0A 07 3B 'flex.messaging.io.ObjectProxy'"),
		bytes.Repeat([]byte{0x0A, 1}, 70_000)...), ErrTooDeep)
	f("array of 268 million", unhex(t, "09 FFFFFFFF 01 01"), io.ErrUnexpectedEOF)
	f("33 million sealed members", unhex(t, "0A FFFFFFF3 01 03 'a'"), io.ErrUnexpectedEOF)
	f("33 million sealed members, 100,000 sent",
		append(unhex(t, "0A FFFFFFF3 01 03 'a'"), make([]byte, 100_000)...), ErrTooManyNodes)
	f("string longer than input", unhex(t, "06 0B 'abc'"), io.ErrUnexpectedEOF)
	f("string of 256 MiB", unhex(t, "06 FFFFFFFF 'abc'"), io.ErrUnexpectedEOF)
	f("byte array of 256 MiB", unhex(t, "0C FFFFFFFF 00"), io.ErrUnexpectedEOF)
	f("XML of 256 MiB", unhex(t, "0B FFFFFFFF 'a'"), io.ErrUnexpectedEOF)
	f("vector of 268 million int", unhex(t, "0D FFFFFFFF 00 00000000"), io.ErrUnexpectedEOF)
	f("vector of 268 million uint", unhex(t, "0E FFFFFFFF 00 00000000"), io.ErrUnexpectedEOF)
	f("vector of 268 million double", unhex(t, "0F FFFFFFFF 00 00000000"), io.ErrUnexpectedEOF)
	f("vector of 268 million objects", unhex(t, "10 FFFFFFFF 00 01 01"), io.ErrUnexpectedEOF)
	f("vector of 5,000 int, all sent", append(unhex(t, "0D CE11 00"), make([]byte, 20_000)...), ErrTooManyNodes)
	f("dictionary of 268 million", unhex(t, "11 FFFFFFFF 00 01 01"), io.ErrUnexpectedEOF)
	f("integer cut", unhex(t, "04 FFFFFF"), io.ErrUnexpectedEOF)
	f("unknown marker", unhex(t, "12"), ErrUnknownMarker)
	f("string reference to nothing", unhex(t, "06 00"), ErrReference)
	f("highest string reference", unhex(t, "06 FFFFFFFE"), ErrReference)
	f("object reference to nothing", unhex(t, "0A 00"), ErrReference)
	f("array reference to nothing", unhex(t, "09 02"), ErrReference)
	f("highest object reference", unhex(t, "09 FFFFFFFE"), ErrReference)
	f("traits reference to nothing", unhex(t, "0A 01"), ErrReference)
	f("highest traits reference", unhex(t, "0A FFFFFFFD"), ErrReference)
	f("name reference to nothing", unhex(t, "0A 0B 01 00"), ErrReference)

	for _, class := range []string{"01", "23 'flex.messaging.XX'"} {
		_, err := Decode3All(append(unhex(t, "0A 07"), unhex(t, class)...), Limits{})
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax)
		var external *ExternalizableError
		require.ErrorAs(t, err, &external)
	}
}

func testMalformed(t *testing.T, c codec, name string, b []byte, want error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := c.decodeAll(b, Limits{})
	runtime.ReadMemStats(&after)

	require.ErrorIs(t, err, want, name)
	var syntax *SyntaxError
	require.ErrorAs(t, err, &syntax, name)
	require.LessOrEqual(t, syntax.Offset, len(b), name)
	require.Empty(t, got, name)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20), name)
}
