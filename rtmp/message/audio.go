package message

// Audio is one audio unit (RTMP 1.0 §7.1.4). Its payload is the body of an FLV audio tag and is left to package flv.
type Audio struct {
	Payload []byte // aliases the payload of the message
}

func (*Audio) Type() uint8 { return TypeAudio }

func (m *Audio) AppendBody(dst []byte) ([]byte, error) { return append(dst, m.Payload...), nil }
