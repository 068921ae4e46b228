package message

import (
	"encoding/binary"

	"mmids/amf"
)

// Names that data messages begin with.
const (
	NameOnMetaData     = "onMetaData"
	NameSetDataFrame   = "@setDataFrame"
	NameClearDataFrame = "@clearDataFrame"
	NameSampleAccess   = "|RtmpSampleAccess"
	NameOnStatus       = "onStatus"
)

// Data is a data message: a name and AMF values, of which onMetaData is the best known (RTMP 1.0 §7.1.2).
//
// The values are not decoded while parsing, because most data messages are only passed on; see [Data.Values].
type Data struct {
	// Name is the handler name, with the @setDataFrame that a publisher puts before it taken off.
	Name string
	// SetDataFrame says that the message had that @setDataFrame.
	SetDataFrame bool
	// Body is the name and the values after it in AMF0, as a player is to get them. It aliases the payload.
	Body []byte
	// AMF3 says message type 15 instead of 18. The body is the same, but values may be switched to AMF3 (AMF0 §3.1).
	AMF3 bool
}

// Values decodes what follows the name. On an error it returns the values before it, as [amf.DecodeAll] does.
func (m *Data) Values(limits amf.Limits) ([]any, error) {
	values, err := amf.DecodeAll(m.Body, limits)
	if len(values) == 0 {
		return nil, err
	}
	return values[1:], err
}

func (m *Data) Type() uint8 {
	if m.AMF3 {
		return TypeDataAMF3
	}
	return TypeDataAMF0
}

func (m *Data) AppendBody(dst []byte) ([]byte, error) {
	if m.AMF3 {
		dst = append(dst, 0)
	}
	if m.SetDataFrame {
		dst = amf.AppendString(dst, NameSetDataFrame)
	}
	return append(dst, m.Body...), nil
}

func (m *Data) parse(b []byte, amf3 bool) (int, error) {
	// Type 15 has a format byte before the name (0, AMF0 follows), but not from every sender. A zero byte may
	// also be the marker of a leading number, so the reading that finds a name is taken.
	if amf3 && len(b) > 0 && b[0] == 0 {
		if _, err := m.parseAMF0(b[1:]); err == nil {
			m.AMF3 = true
			return 0, nil
		}
	}
	offset, err := m.parseAMF0(b)
	m.AMF3 = amf3
	return offset, err
}

func (m *Data) parseAMF0(b []byte) (int, error) {
	*m = Data{}
	rest := b
	// One camera puts two numbers before @setDataFrame.
	for len(rest) >= numberSize && rest[0] == markerNumber {
		rest = rest[numberSize:]
	}
	name, size, err := leadingName(rest)
	if err == nil && name == NameSetDataFrame {
		m.SetDataFrame = true
		rest = rest[size:]
		name, _, err = leadingName(rest)
	}
	m.Name, m.Body = name, rest
	return len(b) - len(rest), err
}

// The markers and sizes that finding a name needs (AMF0 §2.2, §2.4).
const (
	markerNumber = 0x00
	markerString = 0x02
	numberSize   = 1 + 8
)

// leadingName reads the AMF0 string at the start of b and says how many bytes it takes.
func leadingName(b []byte) (string, int, error) {
	if len(b) < 3 {
		return "", 0, ErrShort
	}
	if b[0] != markerString {
		return "", 0, ErrName
	}
	end := 3 + int(binary.BigEndian.Uint16(b[1:]))
	if len(b) < end {
		return "", 0, ErrShort
	}
	switch name := b[3:end]; string(name) { // the usual names cost no allocation
	case NameOnMetaData:
		return NameOnMetaData, end, nil
	case NameSetDataFrame:
		return NameSetDataFrame, end, nil
	default:
		return string(name), end, nil
	}
}
