package message

// Unknown is a message of a type that the specification does not have. It may be ignored.
type Unknown struct {
	MessageType uint8
	Body        []byte // aliases the payload of the message
}

func (m *Unknown) Type() uint8 { return m.MessageType }

func (m *Unknown) AppendBody(dst []byte) ([]byte, error) { return append(dst, m.Body...), nil }
