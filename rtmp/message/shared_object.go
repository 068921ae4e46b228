package message

// SharedObject is recognised so that it can be ignored by name; its events are not read (RTMP 1.0 §7.1.3).
type SharedObject struct {
	Body []byte // aliases the payload of the message
	AMF3 bool   // message type 16 instead of 19
}

func (m *SharedObject) Type() uint8 {
	if m.AMF3 {
		return TypeSharedObjectAMF3
	}
	return TypeSharedObjectAMF0
}

func (m *SharedObject) AppendBody(dst []byte) ([]byte, error) { return append(dst, m.Body...), nil }
