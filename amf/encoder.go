package amf

// Encoder writes the values of one message and uses references: an object that the message contains more than once, even
// inside itself, is written once. Append needs no state and is the better choice for messages that are trees, which all
// commands and metadata of RTMP are.
//
// In an AMF0 message, values that only AMF3 has are written behind a 0x11 marker without references, because receivers
// disagree on whether the tables of one such value serve the next. A cycle through one of them is ErrTooDeep.
type Encoder struct {
	w   writer
	amf func(*writer, any, int) error // value0 or value3
	err error
}

// NewEncoder returns an encoder of AMF0 that appends to dst.
func NewEncoder(dst []byte, l Limits) *Encoder {
	return &Encoder{w: writer{out: dst, left: l.budget(), references0: map[any]int{}}, amf: (*writer).value0}
}

// NewEncoder3 returns an encoder of AMF3 that appends to dst.
func NewEncoder3(dst []byte, l Limits) *Encoder {
	return &Encoder{w: writer{out: dst, left: l.budget(), references3: newReferences3()}, amf: (*writer).value3}
}

// Encode appends one value. After an error the message can only be given up: all later calls return it again.
func (e *Encoder) Encode(v any) error {
	if e.err != nil {
		return e.err
	}
	before := len(e.w.out)
	if e.err = e.amf(&e.w, v, 0); e.err != nil {
		e.w.out = e.w.out[:before]
	}
	return e.err
}

// Bytes returns dst with the values encoded so far. The slice is valid until the next call of Encode.
func (e *Encoder) Bytes() []byte { return e.w.out }
