// Package amf reads and writes Action Message Format, the value encoding of RTMP commands and metadata, in both of its
// versions: AMF0 (Adobe, "Action Message Format – AMF 0", 2007) and AMF3 ("Action Message Format – AMF 3", 2013).
// Comments cite these two papers as "AMF0 §2.5" and "AMF3 §3.12".
//
// # Values
//
// A decoded value is one of these Go types, and the encoders accept the same ones:
//
//	Go type                      AMF0                    AMF3
//	nil                          null                    null
//	Undefined, Unsupported       undefined, unsupported  undefined
//	bool                         boolean                 false, true
//	float64                      number                  double
//	int32                        (number)                integer, or double beyond 29 bits
//	string                       string, long string     string
//	*Object                      object, typed object    object
//	*ECMAArray                   ECMA array              array with an associative part
//	*StrictArray                 strict array            array without one
//	Date                         date                    date (has no zone)
//	XML                          XML document            XML (XMLDocument is read as XML, too)
//	ByteArray                    (0x11 + AMF3)           byte array
//	*VectorInt, *VectorUint,     (0x11 + AMF3)           vector
//	*VectorDouble, *VectorObject
//	*Dictionary                  (0x11 + AMF3)           dictionary
//	*Externalized                (0x11 + AMF3)           externalizable object of a known class
//
// What stands in brackets is how an encoder writes a value that its format has no type for. For convenience the encoders
// also take the other integer types of Go, and a nil pointer as null. They never panic on a value.
//
// # Ownership and hostile input
//
// Decoded values never alias the input: the caller may reuse its buffer at once. The strings of a short message share one
// copy of it, so keeping one of them keeps at most sharedTextMax bytes alive.
//
// References are decoded to the same pointer, so a decoded graph may share parts and may contain cycles. Code that walks
// decoded values needs its own bound; the encoders have one.
//
// Every Decoder, Append call and Encoder spends from the budget that a Limits gives it. Nothing is allocated on the word of
// a declared count or length: memory grows with the bytes that have really arrived, and never beyond the budget.
//
// # Tolerance
//
// Real encoders are careless, so the AMF0 decoder accepts the following; everything else that is wrong is a *SyntaxError:
//   - the count of an ECMA array is ignored, its end marker decides;
//   - an object or ECMA array may end with the input, in place of its end marker, if that is between two properties;
//   - property names may be empty or repeated (Get finds the last one, as a Flash receiver would);
//   - strings need not be valid UTF-8; their bytes are kept.
//
// The AMF3 decoder accepts U29 integers in more bytes than needed, and takes a reference for what it points to whatever the
// marker in front of it says.
//
// The package does no I/O and starts no goroutine. Decoders and encoders belong to one goroutine at a time.
package amf
