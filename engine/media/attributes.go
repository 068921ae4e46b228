package media

import (
	"fmt"
	"math"
	"sync"
)

// ValueType is the type of an attribute's value.
type ValueType uint8

// The types a value can have.
const (
	U8 ValueType = iota + 1
	U16
	U32
	U64
	I8
	I16
	I32
	I64
	Bool
	Bytes
)

// attributeKeysMax and attributeBytesMax bound what a registry and one value may hold: keys are made at start
// by steps, a few each, and a value is a small fact beside a payload, not a payload.
const (
	attributeKeysMax  = 4095
	attributeBytesMax = 65_534
)

// Key names one attribute of one type. Keys of different registries must not be compared.
type Key struct {
	id  uint16
	typ ValueType
}

// Keys hands out keys: the same name and type give the same key, another name or type another one. One
// registry serves the whole process. It may be used by any goroutine.
type Keys struct {
	mu    sync.Mutex
	known map[keyName]Key
}

type keyName struct {
	name string
	typ  ValueType
}

// Key returns the key for a name and type. It fails when more than 4,095 keys have been asked for.
func (k *Keys) Key(name string, typ ValueType) (Key, error) {
	if typ < U8 || typ > Bytes {
		return Key{}, fmt.Errorf("attribute %q: unknown value type %d", name, typ)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	n := keyName{name, typ}
	if key, ok := k.known[n]; ok {
		return key, nil
	}
	if len(k.known) == attributeKeysMax {
		return Key{}, fmt.Errorf("attribute %q: all %d keys are taken", name, attributeKeysMax)
	}
	if k.known == nil {
		k.known = make(map[keyName]Key)
	}
	key := Key{id: uint16(len(k.known) + 1), typ: typ}
	k.known[n] = key
	return key, nil
}

// Value is a typed value.
type Value struct {
	typ   ValueType
	bits  uint64
	bytes []byte
}

// Uint returns an unsigned number of type U8 to U64. With another type the result fits no key.
func Uint(typ ValueType, v uint64) Value {
	if typ < U8 || typ > U64 {
		return Value{}
	}
	return Value{typ: typ, bits: v}
}

// Int returns a signed number of type I8 to I64. With another type the result fits no key.
func Int(typ ValueType, v int64) Value {
	if typ < I8 || typ > I64 {
		return Value{}
	}
	return Value{typ: typ, bits: uint64(v)}
}

// BoolValue returns a truth value.
func BoolValue(v bool) Value {
	if v {
		return Value{typ: Bool, bits: 1}
	}
	return Value{typ: Bool}
}

// BytesValue returns a value that holds p, which nobody may change afterwards.
func BytesValue(p []byte) Value { return Value{typ: Bytes, bytes: p} }

// Uint returns the number of an unsigned value.
func (v Value) Uint() uint64 { return v.bits }

// Int returns the number of a signed value.
func (v Value) Int() int64 { return int64(v.bits) }

// Bool returns the truth of a Bool.
func (v Value) Bool() bool { return v.bits != 0 }

// Bytes returns the bytes of a Bytes value; nobody may change them.
func (v Value) Bytes() []byte { return v.bytes }

func (v Value) fits() bool {
	switch v.typ {
	case U8:
		return v.bits <= math.MaxUint8
	case U16:
		return v.bits <= math.MaxUint16
	case U32:
		return v.bits <= math.MaxUint32
	case I8:
		return int64(v.bits) >= math.MinInt8 && int64(v.bits) <= math.MaxInt8
	case I16:
		return int64(v.bits) >= math.MinInt16 && int64(v.bits) <= math.MaxInt16
	case I32:
		return int64(v.bits) >= math.MinInt32 && int64(v.bits) <= math.MaxInt32
	case Bytes:
		return len(v.bytes) <= attributeBytesMax
	}
	return true
}

// Attribute is one entry of a list.
type Attribute struct {
	Key   Key
	Value Value
}

// Attributes is an immutable, ordered list. A key may repeat.
type Attributes struct{ list []Attribute }

// NewAttributes returns a list of the given entries in their order. It fails when a value's type is not its
// key's, a number does not fit, or a Bytes value is longer than 65,534 bytes.
func NewAttributes(list ...Attribute) (*Attributes, error) {
	for i, a := range list {
		if a.Key.typ != a.Value.typ || a.Key.id == 0 {
			return nil, fmt.Errorf("attribute %d: value of type %d under a key of type %d", i, a.Value.typ, a.Key.typ)
		}
		if !a.Value.fits() {
			return nil, fmt.Errorf("attribute %d: value out of range", i)
		}
	}
	return &Attributes{list: append([]Attribute(nil), list...)}, nil
}

// Get returns the first value under a key. A nil list is empty.
func (a *Attributes) Get(k Key) (Value, bool) {
	if a != nil {
		for _, e := range a.list {
			if e.Key == k {
				return e.Value, true
			}
		}
	}
	return Value{}, false
}

// All returns the entries in order; nobody may change them. A nil list is empty.
func (a *Attributes) All() []Attribute {
	if a == nil {
		return nil
	}
	return a.list
}
