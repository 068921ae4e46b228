package message

// Video is one video unit (RTMP 1.0 §7.1.5). Its payload is the body of an FLV video tag and is left to package flv.
type Video struct {
	Payload []byte // aliases the payload of the message
}

func (*Video) Type() uint8 { return TypeVideo }

func (m *Video) AppendBody(dst []byte) ([]byte, error) { return append(dst, m.Payload...), nil }
