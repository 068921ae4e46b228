package amf

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that stand in a SyntaxError or come from an encoder. An input that ends inside a value is io.ErrUnexpectedEOF.
var (
	ErrTooDeep      = errors.New("amf: values nested too deeply")
	ErrTooManyNodes = errors.New("amf: too many values in one message")
	ErrTooManyBytes = errors.New("amf: too many bytes of text in one message")

	// ErrUnknownMarker is a type marker that the format does not define, or an object end where a value should begin.
	ErrUnknownMarker = errors.New("amf: unknown type marker")
	// ErrReservedMarker is the movie clip or record set marker, which the format names but forbids (AMF0 §2.6, §2.16).
	ErrReservedMarker = errors.New("amf: reserved type marker")
	// ErrReference is a reference to an entry that its table does not have.
	ErrReference = errors.New("amf: reference to nothing")

	// ErrUnsupportedType is a Go value that the encoders do not know.
	ErrUnsupportedType = errors.New("amf: cannot encode Go type")
	// ErrTooLong is a name, text or array that does not fit the length field of the format.
	ErrTooLong = errors.New("amf: longer than the format allows")
	// ErrEmptyName is an empty property name where AMF3 takes it for the end of the list (AMF3 §3.11, §3.12).
	ErrEmptyName = errors.New("amf: empty property name in AMF3")
)

// SyntaxError says why and where decoding stopped.
type SyntaxError struct {
	Offset int // bytes from the beginning of the decoder's input
	Err    error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("amf: byte %d: %s", e.Offset, strings.TrimPrefix(e.Err.Error(), "amf: "))
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// ExternalizableError is an externalizable object (AMF3 §3.12) of a class whose private format is not known. The length of
// such an object cannot be told either, so nothing behind it can be read or written.
type ExternalizableError struct {
	Class string
}

func (e *ExternalizableError) Error() string {
	return fmt.Sprintf("amf: externalizable class %q is not known", e.Class)
}
