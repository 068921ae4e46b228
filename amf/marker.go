package amf

// Type markers of AMF0 (AMF0 §2.1, §3.1).
const (
	markerNumber      = 0x00
	markerBoolean     = 0x01
	markerString      = 0x02
	markerObject      = 0x03
	markerMovieClip   = 0x04 // reserved, never on the wire
	markerNull        = 0x05
	markerUndefined   = 0x06
	markerReference   = 0x07
	markerECMAArray   = 0x08
	markerObjectEnd   = 0x09
	markerStrictArray = 0x0A
	markerDate        = 0x0B
	markerLongString  = 0x0C
	markerUnsupported = 0x0D
	markerRecordSet   = 0x0E // reserved, never on the wire
	markerXMLDocument = 0x0F
	markerTypedObject = 0x10
	markerAVMPlus     = 0x11 // the value that follows is AMF3
)

// What fits the 16-bit fields of AMF0: the length of a name or short string, the index of a reference (AMF0 §2.4, §2.9).
const (
	shortLength0Max = 1<<16 - 1
	reference0Max   = 1<<16 - 1
)

// Type markers of AMF3 (AMF3 §3.1).
const (
	marker3Undefined    = 0x00
	marker3Null         = 0x01
	marker3False        = 0x02
	marker3True         = 0x03
	marker3Integer      = 0x04
	marker3Double       = 0x05
	marker3String       = 0x06
	marker3XMLDocument  = 0x07
	marker3Date         = 0x08
	marker3Array        = 0x09
	marker3Object       = 0x0A
	marker3XML          = 0x0B
	marker3ByteArray    = 0x0C
	marker3VectorInt    = 0x0D
	marker3VectorUint   = 0x0E
	marker3VectorDouble = 0x0F
	marker3VectorObject = 0x10
	marker3Dictionary   = 0x11
)

// The U29 in front of an AMF3 object is an index or a set of flags (AMF3 §3.12):
//
//	… index       0   object reference
//	… index      01   new object, traits by reference
//	… count  d  011   new object, new traits: count sealed members, d = dynamic
//	…           111   new object, new traits, externalizable
//
// For all other types that can be referenced it is "index 0" or "length 1".
const (
	flag3Inline         = 1 << 0
	flag3InlineTraits   = 1 << 1
	flag3Externalizable = 1 << 2
	flag3Dynamic        = 1 << 3
	sealedCountShift    = 4

	length3Max      = 1<<28 - 1 // 29 bits less the flag
	sealedCount3Max = 1<<25 - 1 // 29 bits less the four flags
	integer3Min     = -1 << 28  // two's complement in 29 bits (AMF3 §3.6)
	integer3Max     = 1<<28 - 1
)
