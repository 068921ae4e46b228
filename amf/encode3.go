package amf

import "encoding/binary"

// Append3 appends the AMF3 encoding of v to dst. It writes every object and string in full, never a reference, so values
// appended one after another make a correct message. A value beyond DefaultLimits is refused, and so is one that contains
// itself (ErrTooDeep); see NewEncoder3 for both. With an error comes dst as it was.
func Append3(dst []byte, v any) ([]byte, error) {
	w := writer{out: dst, left: DefaultLimits.budget()}
	if err := w.value3(v, 0); err != nil {
		return dst, err
	}
	return w.out, nil
}

// appendUint29 takes what fits 29 bits (AMF3 §1.3.1).
func appendUint29(dst []byte, u uint32) []byte {
	switch {
	case u < 1<<7:
		return append(dst, byte(u))
	case u < 1<<14:
		return append(dst, byte(u>>7)|0x80, byte(u)&0x7F)
	case u < 1<<21:
		return append(dst, byte(u>>14)|0x80, byte(u>>7)|0x80, byte(u)&0x7F)
	default:
		return append(dst, byte(u>>22)|0x80, byte(u>>15)|0x80, byte(u>>8)|0x80, byte(u))
	}
}

// value3 writes one AMF3 value (AMF3 §3.1).
func (w *writer) value3(v any, depth int) error {
	if err := w.left.takeNodes(1); err != nil {
		return err
	}
	return w.markedValue3(v, depth)
}

// markedValue3 is value3 for a value that has been paid for.
func (w *writer) markedValue3(v any, depth int) error {
	switch v := v.(type) {
	case nil:
		w.out = append(w.out, marker3Null)
	case Undefined, Unsupported:
		w.out = append(w.out, marker3Undefined)
	case bool:
		if v {
			w.out = append(w.out, marker3True)
		} else {
			w.out = append(w.out, marker3False)
		}
	case float64:
		w.out = appendFloat64(append(w.out, marker3Double), v)
	case string:
		w.out = append(w.out, marker3String)
		return w.string3(v)
	case Date:
		w.unshared3()
		w.out = appendFloat64(append(w.out, marker3Date, flag3Inline), v.Milliseconds)
	case XML:
		w.unshared3()
		return appendBytes3(w, marker3XML, v)
	case ByteArray:
		w.unshared3()
		return appendBytes3(w, marker3ByteArray, v)
	case *Object:
		return w.object3(v, depth)
	case *ECMAArray:
		return w.ecmaArray3(v, depth)
	case *StrictArray:
		return w.strictArray3(v, depth)
	case *VectorInt:
		return w.vectorInt3(v, depth)
	case *VectorUint:
		return w.vectorUint3(v, depth)
	case *VectorDouble:
		return w.vectorDouble3(v, depth)
	case *VectorObject:
		return w.vectorObject3(v, depth)
	case *Dictionary:
		return w.dictionary3(v, depth)
	case *Externalized:
		return w.externalized3(v, depth)
	default:
		f, ok := integer(v)
		if !ok {
			return unknownType(v)
		}
		w.integer3(f)
	}
	return nil
}

// integer3 writes a whole number as integer where it fits (AMF3 §3.6).
func (w *writer) integer3(f float64) {
	if f < integer3Min || f > integer3Max {
		w.out = appendFloat64(append(w.out, marker3Double), f)
		return
	}
	w.out = appendUint29(append(w.out, marker3Integer), uint32(int32(f))&(1<<29-1))
}

// string3 writes a text, which is a value or a name, without a marker (AMF3 §1.3.2).
func (w *writer) string3(s string) error {
	if err := w.left.takeBytes(len(s)); err != nil {
		return err
	}
	return w.paidString3(s)
}

// paidString3 is string3 for a text that has been paid for.
func (w *writer) paidString3(s string) error {
	if len(s) > length3Max {
		return ErrTooLong
	}
	if s != "" && w.references3 != nil {
		if index, found := w.references3.strings[s]; found {
			w.out = appendUint29(w.out, uint32(index)<<1)
			return nil
		}
		w.references3.strings[s] = len(w.references3.strings)
	}
	w.out = append(appendUint29(w.out, uint32(len(s))<<1|flag3Inline), s...)
	return nil
}

func appendBytes3[T XML | ByteArray](w *writer, marker byte, b T) error {
	if err := w.count3(marker, len(b)); err != nil {
		return err
	}
	if err := w.left.takeBytes(len(b)); err != nil {
		return err
	}
	w.out = append(w.out, b...)
	return nil
}

// count3 writes a marker and a length or number of elements.
func (w *writer) count3(marker byte, n int) error {
	if n > length3Max {
		return ErrTooLong
	}
	w.out = appendUint29(append(w.out, marker), uint32(n)<<1|flag3Inline)
	return nil
}

func (w *writer) strictArray3(a *StrictArray, depth int) error {
	if done, err := w.open3(a, a == nil, marker3Array, depth); done || err != nil {
		return err
	}
	if err := w.count3(marker3Array, len(a.Values)); err != nil {
		return err
	}
	w.endOfNames3()
	return w.values3(a.Values, depth+1)
}

func (w *writer) ecmaArray3(a *ECMAArray, depth int) error {
	if done, err := w.open3(a, a == nil, marker3Array, depth); done || err != nil {
		return err
	}
	if err := w.count3(marker3Array, len(a.Dense)); err != nil {
		return err
	}
	if err := w.namedValues3(a.Properties, depth+1); err != nil {
		return err
	}
	return w.values3(a.Dense, depth+1)
}

// endOfNames3 writes the empty name that ends an associative part or the dynamic members.
func (w *writer) endOfNames3() { w.out = append(w.out, flag3Inline) }

func (w *writer) namedValues3(ps []Property, depth int) error {
	for i := range ps {
		if ps[i].Name == "" {
			return ErrEmptyName
		}
		if err := w.left.takeNodes(1); err != nil {
			return err
		}
		if err := w.string3(ps[i].Name); err != nil {
			return err
		}
		if err := w.value3(ps[i].Value, depth); err != nil {
			return err
		}
	}
	w.endOfNames3()
	return nil
}

func (w *writer) values3(vs []any, depth int) error {
	for _, v := range vs {
		if err := w.value3(v, depth); err != nil {
			return err
		}
	}
	return nil
}

// vector3 writes what stands in front of the elements of a vector of numbers, and pays for them.
func (w *writer) vector3(marker byte, n int, fixed bool) error {
	if err := w.left.takeNodes(n); err != nil {
		return err
	}
	if err := w.count3(marker, n); err != nil {
		return err
	}
	w.flag3(fixed)
	return nil
}

func (w *writer) flag3(set bool) {
	if set {
		w.out = append(w.out, 1)
	} else {
		w.out = append(w.out, 0)
	}
}

func (w *writer) vectorInt3(v *VectorInt, depth int) error {
	if done, err := w.open3(v, v == nil, marker3VectorInt, depth); done || err != nil {
		return err
	}
	if err := w.vector3(marker3VectorInt, len(v.Values), v.Fixed); err != nil {
		return err
	}
	for _, n := range v.Values {
		w.out = binary.BigEndian.AppendUint32(w.out, uint32(n))
	}
	return nil
}

func (w *writer) vectorUint3(v *VectorUint, depth int) error {
	if done, err := w.open3(v, v == nil, marker3VectorUint, depth); done || err != nil {
		return err
	}
	if err := w.vector3(marker3VectorUint, len(v.Values), v.Fixed); err != nil {
		return err
	}
	for _, n := range v.Values {
		w.out = binary.BigEndian.AppendUint32(w.out, n)
	}
	return nil
}

func (w *writer) vectorDouble3(v *VectorDouble, depth int) error {
	if done, err := w.open3(v, v == nil, marker3VectorDouble, depth); done || err != nil {
		return err
	}
	if err := w.vector3(marker3VectorDouble, len(v.Values), v.Fixed); err != nil {
		return err
	}
	for _, f := range v.Values {
		w.out = appendFloat64(w.out, f)
	}
	return nil
}

func (w *writer) vectorObject3(v *VectorObject, depth int) error {
	if done, err := w.open3(v, v == nil, marker3VectorObject, depth); done || err != nil {
		return err
	}
	if err := w.count3(marker3VectorObject, len(v.Values)); err != nil {
		return err
	}
	w.flag3(v.Fixed)
	if err := w.string3(v.Type); err != nil {
		return err
	}
	return w.values3(v.Values, depth+1)
}

func (w *writer) dictionary3(d *Dictionary, depth int) error {
	if done, err := w.open3(d, d == nil, marker3Dictionary, depth); done || err != nil {
		return err
	}
	if err := w.count3(marker3Dictionary, len(d.Entries)); err != nil {
		return err
	}
	w.flag3(d.WeakKeys)
	for i := range d.Entries {
		if err := w.value3(d.Entries[i].Key, depth+1); err != nil {
			return err
		}
		if err := w.value3(d.Entries[i].Value, depth+1); err != nil {
			return err
		}
	}
	return nil
}
