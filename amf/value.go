package amf

// Undefined is the undefined value of ActionScript (AMF0 §2.8, AMF3 §3.2).
type Undefined struct{}

// Unsupported stands for a value that the sender could not encode (AMF0 §2.15). AMF3 writes it as undefined.
type Unsupported struct{}

// Object is an object with its properties in the order of the wire. Class is its registered class name; an object without
// one is anonymous (AMF0 §2.5, §2.18, AMF3 §3.12).
type Object struct {
	Class      string
	Properties []Property
	// Sealed is how many of the first Properties are members that the class declares; the others are dynamic. Only AMF3
	// tells them apart, AMF0 ignores it. A value outside 0…len(Properties) counts as the nearer end.
	Sealed int
}

// ECMAArray is an array with names (AMF0 §2.10), most often the body of onMetaData.
type ECMAArray struct {
	Properties []Property
	// Dense are the values without names of an AMF3 array that has both (AMF3 §3.11). AMF0 has only names, so there they
	// become the properties "0", "1", …
	Dense []any
}

// StrictArray is an array without names (AMF0 §2.12, AMF3 §3.11).
type StrictArray struct {
	Values []any
}

// Date is a point in time in milliseconds since 1970-01-01 UTC. Zone is reserved and should be 0 (AMF0 §2.13); AMF3 does
// not carry it.
type Date struct {
	Milliseconds float64
	Zone         int16
}

// XML is the text of an XML document (AMF0 §2.17, AMF3 §3.9 and §3.13).
type XML string

// ByteArray is a string of bytes (AMF3 §3.14).
type ByteArray []byte

// VectorInt is a vector of signed integers (AMF3 §3.15). Fixed means that its length must not change.
type VectorInt struct {
	Fixed  bool
	Values []int32
}

// VectorUint is a vector of unsigned integers (AMF3 §3.15).
type VectorUint struct {
	Fixed  bool
	Values []uint32
}

// VectorDouble is a vector of floating-point numbers (AMF3 §3.15).
type VectorDouble struct {
	Fixed  bool
	Values []float64
}

// VectorObject is a vector of values of one class, named by Type; "" or "*" means any (AMF3 §3.15).
type VectorObject struct {
	Fixed  bool
	Type   string
	Values []any
}

// Dictionary maps values of any type to values (AMF3 §3.16), in the order of the wire.
type Dictionary struct {
	WeakKeys bool
	Entries  []DictionaryEntry
}

// DictionaryEntry is one pair of a Dictionary.
type DictionaryEntry struct {
	Key   any
	Value any
}

// Externalized is an object that writes itself (AMF3 §3.12), of one of the Flex classes that do so by writing the single
// value they wrap.
type Externalized struct {
	Class string
	Value any
}

// wrapsOneValue reports whether the private format of an externalizable class is one AMF3 value: the list inside a
// collection, the object inside a proxy.
func wrapsOneValue(class string) bool {
	switch class {
	case "flex.messaging.io.ArrayCollection", "flex.messaging.io.ArrayList", "flex.messaging.io.ObjectProxy":
		return true
	}
	return false
}
