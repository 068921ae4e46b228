package amf

import (
	"encoding/binary"
	"fmt"
	"math"
)

// writer is the state of one encoding. value0 and value3 append one value to out; depth is the number of values around it.
// After an error, out ends somewhere in that value.
type writer struct {
	out  []byte
	left budget

	// nil: write each value in full, which any decoder understands in any place of a message
	references0 map[any]int
	references3 *references3
}

// unknownType is the error for a Go type that no case of value0 and value3 knows.
func unknownType(v any) error { return fmt.Errorf("%w %T", ErrUnsupportedType, v) }

// integer converts the integer types of Go.
func integer(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int8:
		return float64(v), true
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint:
		return float64(v), true
	case uint8:
		return float64(v), true
	case uint16:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	}
	return 0, false
}

func appendFloat64(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
}
