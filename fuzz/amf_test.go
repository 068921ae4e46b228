package fuzz

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"mmids/amf"
)

// amfLimits are small, so that the fuzzer reaches every limit with short inputs.
var amfLimits = amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096}

// amfCodec is what AMF0 and AMF3 have in common.
type amfCodec struct {
	decodeAll func([]byte, amf.Limits) ([]any, error)
	encoder   func([]byte, amf.Limits) *amf.Encoder
	append    func([]byte, any) ([]byte, error)
}

var (
	amf0 = amfCodec{amf.DecodeAll, amf.NewEncoder, amf.Append}
	amf3 = amfCodec{amf.Decode3All, amf.NewEncoder3, amf.Append3}
)

// amfValueSeeds are AMF3 values; behind 0x11 each is an AMF0 value, too.
var amfValueSeeds = []string{
	"00", "01", "02", "03", "0400", "04ffffffff", "0480808005", "053ff8000000000000", "06096c697665", "0600",
	"07033c", "08014270000000000000", "0905010103", "090303610301 0407", "0b033c", "0c0700ff80",
	"0a0b0103610a0001", "0a23034303780379 0101", "0a1b034303780401037a0201 0a010403 01", "0a1301036103", "0afffffff3010361",
	"0a0743" + amfHexText("flex.messaging.io.ArrayCollection") + "09030103",
	"0a073b" + amfHexText("flex.messaging.io.ObjectProxy") + "0a00",
	"0a0709" + amfHexText("Priv"),
	"0d0501ffffffff00000002", "0e0300ffffffff", "0f03003ff0000000000000", "1005010343 01060376", "110501 06036b03 1100 01",
	"11ffffffff00", "09ffffffff01", "0dffffffff00",
	strings.Repeat("090301", 40), strings.Repeat("0a0b010361", 40), strings.Repeat("110300", 40),
	"06096c697665" + strings.Repeat("0600", 64),
}

func FuzzAMF0(f *testing.F) {
	for _, s := range []string{
		"02 0007 636f6e6e656374 00 3ff0000000000000 03 0003 617070 02 0004 6c697665 0000 09",   // connect
		"02 000a 6f6e4d65746144617461 08 00000002 0005 7769647468 00 409e000000000000 0000 09", // onMetaData
		"02 0007 7075626c697368 00 4010000000000000 05 0100",                                   // publish(false)
		"00 4010000000000000 00 4010000000000000 02 000d 40736574446174614672616d65",           // numbers first
		"03 0001 61 05", "08 ffffffff 0001 61 05 0000 09", "03 0000 05 0000 09", "0300", "03 0001 61 09", // ends
		"10 0001 43 0001 61 07 0000 0000 09 07 0000", "0a 00000002 07 0000 06", "0a ffffffff", "08 ffffffff",
		"0b 4270000000000000 ffc4", "0c 00000002 6869", "0c ffffffff 6869", "0d", "0e", "04", "0f 00000002 6869", "02 0005 61",
		"07 0000", "11", "03 0001 6f 11 0a0b01036b0301 0000 09", "11 0600 11 06036b 11 0600",
		strings.Repeat("0a00000001", 40), strings.Repeat("03000161", 40), strings.Repeat("05", 300),
	} {
		f.Add(unhex(s))
	}
	for _, s := range amfValueSeeds {
		f.Add(append([]byte{0x11}, unhex(s)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		amf0.check(t, b)
		bareAMF0.require(t, b)
	})
}

func FuzzAMF3(f *testing.F) {
	for _, s := range amfValueSeeds {
		f.Add(unhex(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		amf3.check(t, b)
		bareAMF3.require(t, b)
	})
}

// check decodes b and holds the result against what the package promises.
func (c amfCodec) check(t *testing.T, b []byte) {
	input := bytes.Clone(b)
	values, err := c.decodeAll(input, amfLimits)
	if !bytes.Equal(input, b) {
		t.Fatal("the decoder wrote into its input")
	}
	amfCheckError(t, err, len(b))
	amfCheckSize(t, values)

	before := c.encodeEach(t, values)
	for _, cut := range []int{len(b) / 2, max(len(b)-1, 0)} {
		c.checkCut(t, b[:cut:cut], before)
	}
	clear(input)
	for i, encoded := range c.encodeEach(t, values) {
		if !bytes.Equal(encoded, before[i]) {
			t.Fatal("a value changed with the input")
		}
		c.checkStable(t, encoded)
	}
	c.checkReferences(t, values)
}

// checkCut: the beginning of an input has the same values in front; its last one may be an object that the cut shortened.
func (c amfCodec) checkCut(t *testing.T, b []byte, whole [][]byte) {
	values, err := c.decodeAll(b, amfLimits)
	amfCheckError(t, err, len(b))
	for i, encoded := range c.encodeEach(t, values) {
		if i < len(values)-1 && !bytes.Equal(encoded, whole[i]) {
			t.Fatalf("value %d is %x, after a cut behind it %x", i, whole[i], encoded)
		}
	}
}

// amfEachMax keeps an execution short: written in full, every reference to one object may be 1 MiB.
const amfEachMax = 16

// encodeEach encodes each of the first values by itself and in full; nil for those that cannot be.
func (c amfCodec) encodeEach(t *testing.T, values []any) [][]byte {
	var encoded [][]byte
	for _, v := range values[:min(len(values), amfEachMax)] {
		b, err := c.append(nil, v)
		if err != nil {
			amfCheckEncodeError(t, err)
			b = nil
		}
		encoded = append(encoded, b)
	}
	return encoded
}

// checkStable: what has been encoded decodes to one value, which encodes to the same bytes, within the same limits.
func (c amfCodec) checkStable(t *testing.T, encoded []byte) {
	if encoded == nil {
		return
	}
	values, err := c.decodeAll(encoded, amf.Limits{})
	if err != nil || len(values) != 1 {
		t.Fatalf("%x decodes to %d values: %v", encoded, len(values), err)
	}
	again, err := c.append(nil, values[0])
	if err != nil || !bytes.Equal(again, encoded) {
		t.Fatalf("%x became %x: %v", encoded, again, err)
	}
}

// checkReferences: a message encoded with references comes back with the same shape.
func (c amfCodec) checkReferences(t *testing.T, values []any) {
	encoded := c.encodeMessage(t, values)
	if encoded == nil {
		return
	}
	decoded, err := c.decodeAll(encoded, amfLimits)
	if err != nil || len(decoded) != len(values) {
		t.Fatalf("%x decodes to %d values, not %d: %v", encoded, len(decoded), len(values), err)
	}
	if again := c.encodeMessage(t, decoded); !bytes.Equal(again, encoded) {
		t.Fatalf("%x became %x", encoded, again)
	}
	before, after := c.encodeEach(t, values), c.encodeEach(t, decoded)
	for i := range before {
		if !bytes.Equal(before[i], after[i]) {
			t.Fatalf("value %d: %x became %x", i, before[i], after[i])
		}
	}
}

func (c amfCodec) encodeMessage(t *testing.T, values []any) []byte {
	e := c.encoder([]byte{}, amfLimits)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			amfCheckEncodeError(t, err)
			return nil
		}
	}
	return e.Bytes()
}

func amfCheckError(t *testing.T, err error, length int) {
	var syntax *amf.SyntaxError
	switch {
	case err == nil:
	case !errors.As(err, &syntax):
		t.Fatalf("%T is not a *SyntaxError: %v", err, err)
	case syntax.Offset < 0 || syntax.Offset > length:
		t.Fatalf("offset %d of %d", syntax.Offset, length)
	case errors.Is(err, io.EOF):
		t.Fatal("a clean end reported as an error")
	}
}

// amfCheckEncodeError accepts the reasons for which something decoded cannot be encoded: written in full it is too much, or
// a name from one version does not fit the other.
func amfCheckEncodeError(t *testing.T, err error) {
	for _, allowed := range []error{
		amf.ErrTooDeep, amf.ErrTooManyNodes, amf.ErrTooManyBytes, amf.ErrTooLong, amf.ErrEmptyName,
	} {
		if errors.Is(err, allowed) {
			return
		}
	}
	t.Fatalf("cannot encode a decoded value: %v", err)
}

// amfSize adds up what values hold, each object once however many references there are to it.
type amfSize struct {
	nodes, bytes, depth int
	seen                map[any]bool
}

func amfCheckSize(t *testing.T, values []any) {
	s := amfSize{seen: map[any]bool{}}
	s.addAll(values, 0)
	if s.nodes > amfLimits.Nodes || s.bytes > amfLimits.Bytes || s.depth > amfLimits.Depth {
		t.Fatalf("%d nodes, %d bytes, %d levels decoded within %+v", s.nodes, s.bytes, s.depth, amfLimits)
	}
}

func (s *amfSize) addAll(values []any, depth int) {
	for _, v := range values {
		s.add(v, depth)
	}
}

func (s *amfSize) addProperties(properties []amf.Property, depth int) {
	for _, p := range properties {
		s.nodes++
		s.bytes += len(p.Name)
		s.add(p.Value, depth)
	}
}

func (s *amfSize) add(v any, depth int) {
	s.nodes++
	switch v := v.(type) {
	case nil, amf.Undefined, amf.Unsupported, bool, float64, int32, amf.Date:
		return
	case string:
		s.bytes += len(v)
		return
	case amf.XML, amf.ByteArray: // may be shared by references, which cannot be seen in the value
		return
	}
	if s.seen[v] {
		return
	}
	s.seen[v] = true
	depth++
	s.depth = max(s.depth, depth)
	switch v := v.(type) {
	case *amf.Object:
		s.bytes += len(v.Class)
		s.addProperties(v.Properties, depth)
	case *amf.ECMAArray:
		s.addProperties(v.Properties, depth)
		s.addAll(v.Dense, depth)
	case *amf.StrictArray:
		s.addAll(v.Values, depth)
	case *amf.VectorInt:
		s.nodes += len(v.Values)
	case *amf.VectorUint:
		s.nodes += len(v.Values)
	case *amf.VectorDouble:
		s.nodes += len(v.Values)
	case *amf.VectorObject:
		s.bytes += len(v.Type)
		s.addAll(v.Values, depth)
	case *amf.Dictionary:
		for _, e := range v.Entries {
			s.add(e.Key, depth)
			s.add(e.Value, depth)
		}
	case *amf.Externalized:
		s.bytes += len(v.Class)
		s.add(v.Value, depth)
	default:
		panic("a type that amf does not document")
	}
}

// unhex reads hexadecimal digits, with spaces for people. A mistake in them is one of the test.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func amfHexText(s string) string { return hex.EncodeToString([]byte(s)) }
