package amf

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Append appends the AMF0 encoding of v to dst. It writes every object in full, never a reference, so values appended one
// after another make a correct message. A value beyond DefaultLimits is refused, and so is one that contains itself
// (ErrTooDeep); see Encoder for both. With an error comes dst as it was.
func Append(dst []byte, v any) ([]byte, error) { return AppendWithin(dst, v, DefaultLimits) }

// AppendWithin is Append with other limits.
func AppendWithin(dst []byte, v any, l Limits) ([]byte, error) {
	w := writer{out: dst, left: l.budget()}
	if err := w.value0(v, 0); err != nil {
		return dst, err
	}
	return w.out, nil
}

// AppendNumber appends an AMF0 number (AMF0 §2.2).
func AppendNumber(dst []byte, f float64) []byte {
	return appendFloat64(append(dst, markerNumber), f)
}

// AppendBool appends an AMF0 boolean (AMF0 §2.3).
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, markerBoolean, 1)
	}
	return append(dst, markerBoolean, 0)
}

// AppendNull appends an AMF0 null (AMF0 §2.7).
func AppendNull(dst []byte) []byte { return append(dst, markerNull) }

// AppendString appends an AMF0 string, or a long string if s is longer than 65,535 bytes (AMF0 §2.4, §2.14). The format ends
// at 4 GiB.
func AppendString(dst []byte, s string) []byte {
	if len(s) > shortLength0Max {
		return appendLong0(append(dst, markerLongString), s)
	}
	return appendShort0(append(dst, markerString), s)
}

func appendShort0(dst []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(s))), s...)
}

func appendLong0(dst []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(s))), s...)
}

// value0 writes one AMF0 value (AMF0 §2.1).
func (w *writer) value0(v any, depth int) error {
	if err := w.left.takeNodes(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		w.out = AppendNull(w.out)
	case Undefined:
		w.out = append(w.out, markerUndefined)
	case Unsupported:
		w.out = append(w.out, markerUnsupported)
	case bool:
		w.out = AppendBool(w.out, v)
	case float64:
		w.out = AppendNumber(w.out, v)
	case string:
		return w.string0(v)
	case Date:
		w.out = appendFloat64(append(w.out, markerDate), v.Milliseconds)
		w.out = binary.BigEndian.AppendUint16(w.out, uint16(v.Zone))
	case XML:
		return w.xml0(v)
	case *Object:
		return w.object0(v, depth)
	case *ECMAArray:
		return w.ecmaArray0(v, depth)
	case *StrictArray:
		return w.strictArray0(v, depth)
	case ByteArray, *VectorInt, *VectorUint, *VectorDouble, *VectorObject, *Dictionary, *Externalized:
		w.out = append(w.out, markerAVMPlus)
		return w.markedValue3(v, depth)
	default:
		f, ok := integer(v)
		if !ok {
			return unknownType(v)
		}
		w.out = AppendNumber(w.out, f)
	}
	return nil
}

func (w *writer) string0(s string) error {
	if err := w.long0(len(s)); err != nil {
		return err
	}
	w.out = AppendString(w.out, s)
	return nil
}

func (w *writer) xml0(x XML) error {
	if err := w.long0(len(x)); err != nil {
		return err
	}
	w.out = appendLong0(append(w.out, markerXMLDocument), string(x))
	return nil
}

// long0 pays for a text of n bytes and makes sure that its length fits 32 bits.
func (w *writer) long0(n int) error {
	if uint64(n) > math.MaxUint32 {
		return ErrTooLong
	}
	return w.left.takeBytes(n)
}

// name0 writes a property or class name.
func (w *writer) name0(name string) error {
	if len(name) > shortLength0Max {
		return ErrTooLong
	}
	if err := w.left.takeBytes(len(name)); err != nil {
		return err
	}
	w.out = appendShort0(w.out, name)
	return nil
}

// referred0 writes a reference, if v, a pointer to an object or array, has been written before; otherwise v gets the next
// index, before anything inside it (AMF0 §2.9).
func (w *writer) referred0(v any) bool {
	if w.references0 == nil {
		return false
	}
	index, found := w.references0[v]
	if found && index <= reference0Max {
		w.out = binary.BigEndian.AppendUint16(append(w.out, markerReference), uint16(index))
		return true
	}
	if !found {
		w.references0[v] = len(w.references0)
	}
	return false
}

// open0 begins a pointer value: done means that it is nil or a reference and needs nothing more, otherwise the marker and
// the content are to follow.
func (w *writer) open0(v any, isNil bool, depth int) (done bool, err error) {
	if isNil {
		w.out = AppendNull(w.out)
		return true, nil
	}
	if w.referred0(v) {
		return true, nil
	}
	return false, w.left.enter(depth)
}

func (w *writer) object0(o *Object, depth int) error {
	if done, err := w.open0(o, o == nil, depth); done || err != nil {
		return err
	}
	if o.Class == "" {
		w.out = append(w.out, markerObject)
	} else {
		w.out = append(w.out, markerTypedObject)
		if err := w.name0(o.Class); err != nil {
			return err
		}
	}
	if err := w.properties0(o.Properties, depth+1); err != nil {
		return err
	}
	w.objectEnd0()
	return nil
}

func (w *writer) ecmaArray0(a *ECMAArray, depth int) error {
	if done, err := w.open0(a, a == nil, depth); done || err != nil {
		return err
	}
	w.out = binary.BigEndian.AppendUint32(append(w.out, markerECMAArray), uint32(len(a.Properties)+len(a.Dense)))
	if err := w.properties0(a.Properties, depth+1); err != nil {
		return err
	}
	for i, v := range a.Dense {
		if err := w.property0(strconv.Itoa(i), v, depth+1); err != nil {
			return err
		}
	}
	w.objectEnd0()
	return nil
}

func (w *writer) properties0(ps []Property, depth int) error {
	for i := range ps {
		if err := w.property0(ps[i].Name, ps[i].Value, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) property0(name string, v any, depth int) error {
	if err := w.left.takeNodes(1); err != nil {
		return err
	}
	if err := w.name0(name); err != nil {
		return err
	}
	return w.value0(v, depth)
}

// objectEnd0 writes the end of a list of properties (AMF0 §2.11).
func (w *writer) objectEnd0() { w.out = append(w.out, 0, 0, markerObjectEnd) }

func (w *writer) strictArray0(a *StrictArray, depth int) error {
	if done, err := w.open0(a, a == nil, depth); done || err != nil {
		return err
	}
	w.out = binary.BigEndian.AppendUint32(append(w.out, markerStrictArray), uint32(len(a.Values)))
	for _, v := range a.Values {
		if err := w.value0(v, depth+1); err != nil {
			return err
		}
	}
	return nil
}
