package message

import "mmids/amf"

// Command is a call, or the answer to one (RTMP 1.0 §7.1.1, §7.2). Peers put values of any type into any place, so the
// accessors say whether the value was of the type that was asked for.
type Command struct {
	Name        string
	Transaction float64 // 0 when missing or not a number
	Object      any     // command object, properties of an answer; nil when missing
	Arguments   []any   // what follows the command object
	AMF3        bool    // message type 17 instead of 20
}

// String is argument i when that is a string.
func (m *Command) String(i int) (string, bool) {
	if i >= len(m.Arguments) {
		return "", false
	}
	s, ok := m.Arguments[i].(string)
	return s, ok
}

// Number is argument i when that is a number.
func (m *Command) Number(i int) (float64, bool) {
	if i >= len(m.Arguments) {
		return 0, false
	}
	return number(m.Arguments[i])
}

// Bool is argument i when that is a boolean.
func (m *Command) Bool(i int) (value, ok bool) {
	if i >= len(m.Arguments) {
		return false, false
	}
	value, ok = m.Arguments[i].(bool)
	return value, ok
}

func (m *Command) Type() uint8 {
	if m.AMF3 {
		return TypeCommandAMF3
	}
	return TypeCommandAMF0
}

func (m *Command) AppendBody(dst []byte) ([]byte, error) {
	if m.AMF3 {
		dst = append(dst, 0)
	}
	dst = amf.AppendString(dst, m.Name)
	dst = amf.AppendNumber(dst, m.Transaction)
	dst, err := amf.Append(dst, m.Object)
	for _, v := range m.Arguments {
		if err != nil {
			return dst, err
		}
		dst, err = amf.Append(dst, v)
	}
	return dst, err
}

func (m *Command) parse(b []byte, amf3 bool, limits amf.Limits) (int, error) {
	*m = Command{AMF3: amf3}
	start := 0
	if amf3 && len(b) > 0 && b[0] == 0 {
		// The format byte of type 17; AMF0 follows. Some senders leave it out, and a name cannot begin with it.
		start = 1
	}
	values, err := amf.DecodeAll(b[start:], limits)
	if len(values) == 0 {
		if err == nil {
			err = ErrShort
		}
		return start, err
	}
	name, ok := values[0].(string)
	if !ok {
		return start, ErrName
	}
	m.Name = name
	if len(values) > 1 {
		m.Transaction, _ = number(values[1])
	}
	if len(values) > 2 {
		m.Object = values[2]
		m.Arguments = values[3:]
	}
	return start, err
}

// number accepts the two kinds of number that AMF has: doubles, and the integers of AMF3.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int32:
		return float64(v), true
	}
	return 0, false
}
