package amf

import "encoding/binary"

// references3 are the tables of what an AMF3 message has said so far (AMF3 §2.1).
type references3 struct {
	strings map[string]int
	objects map[any]int
	count   int            // of objects, with those that have no identity in Go and are never found again
	traits  map[string]int // by flags and names, see findTraits
	key     []byte         // reused by findTraits
}

func newReferences3() *references3 {
	return &references3{strings: map[string]int{}, objects: map[any]int{}, traits: map[string]int{}}
}

// unshared3 counts an object that is always written in full, since equal is not the same: a Date, XML or ByteArray.
func (w *writer) unshared3() {
	if w.references3 != nil {
		w.references3.count++
	}
}

// referred3 writes a reference, if v, a pointer, has been written before; otherwise v gets the next index, before anything
// inside it.
func (w *writer) referred3(v any, marker byte) bool {
	r := w.references3
	if r == nil {
		return false
	}
	if index, found := r.objects[v]; found {
		w.out = appendUint29(append(w.out, marker), uint32(index)<<1)
		return true
	}
	r.objects[v] = r.count
	r.count++
	return false
}

// open3 begins a pointer value: done means that it is nil or a reference and needs nothing more, otherwise the marker and
// the content are to follow.
func (w *writer) open3(v any, isNil bool, marker byte, depth int) (done bool, err error) {
	if isNil {
		w.out = append(w.out, marker3Null)
		return true, nil
	}
	if w.referred3(v, marker) {
		return true, nil
	}
	return false, w.left.enter(depth)
}

func (w *writer) object3(o *Object, depth int) error {
	if done, err := w.open3(o, o == nil, marker3Object, depth); done || err != nil {
		return err
	}
	sealed := o.Properties[:min(max(o.Sealed, 0), len(o.Properties))]
	dynamic := o.Properties[len(sealed):]
	u := uint32(0)
	if len(sealed) == 0 || len(dynamic) > 0 {
		u = flag3Dynamic
	}
	w.out = append(w.out, marker3Object)
	if err := w.traits3(u, o.Class, sealed); err != nil {
		return err
	}
	for i := range sealed {
		if err := w.value3(sealed[i].Value, depth+1); err != nil {
			return err
		}
	}
	if u&flag3Dynamic == 0 {
		return nil
	}
	return w.namedValues3(dynamic, depth+1)
}

func (w *writer) externalized3(x *Externalized, depth int) error {
	if done, err := w.open3(x, x == nil, marker3Object, depth); done || err != nil {
		return err
	}
	if !wrapsOneValue(x.Class) {
		return &ExternalizableError{Class: x.Class}
	}
	w.out = append(w.out, marker3Object)
	if err := w.traits3(flag3Externalizable, x.Class, nil); err != nil {
		return err
	}
	return w.value3(x.Value, depth+1)
}

// traits3 writes traits, or a reference to the same ones, and pays for the class name and the sealed properties. u is
// flag3Dynamic, flag3Externalizable or 0.
func (w *writer) traits3(u uint32, class string, sealed []Property) error {
	if len(sealed) > sealedCount3Max {
		return ErrTooLong
	}
	if err := w.left.takeNodes(len(sealed)); err != nil {
		return err
	}
	n := len(class)
	for i := range sealed {
		n += len(sealed[i].Name)
	}
	if err := w.left.takeBytes(n); err != nil {
		return err
	}
	if index, found := w.references3.findTraits(u, class, sealed); found {
		w.out = appendUint29(w.out, uint32(index)<<2|flag3Inline)
		return nil
	}
	w.out = appendUint29(w.out, uint32(len(sealed))<<sealedCountShift|u|flag3InlineTraits|flag3Inline)
	if err := w.paidString3(class); err != nil {
		return err
	}
	for i := range sealed {
		if err := w.paidString3(sealed[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// findTraits returns the index of the same traits, and gives new ones the next index.
func (r *references3) findTraits(u uint32, class string, sealed []Property) (index int, found bool) {
	if r == nil {
		return 0, false
	}
	r.key = appendKey(append(r.key[:0], byte(u)), class)
	for i := range sealed {
		r.key = appendKey(r.key, sealed[i].Name)
	}
	index, found = r.traits[string(r.key)]
	if !found {
		r.traits[string(r.key)] = len(r.traits)
	}
	return index, found
}

// appendKey appends s in a way that keeps the borders of names apart.
func appendKey(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}
