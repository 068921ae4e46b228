package message

import "encoding/binary"

// Acknowledgement says how many bytes its sender has received so far, modulo 2³² (RTMP 1.0 §5.4.3).
type Acknowledgement struct {
	SequenceNumber uint32 // bytes since the connection began
}

func (*Acknowledgement) Type() uint8 { return TypeAcknowledgement }

func (m *Acknowledgement) AppendBody(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, m.SequenceNumber), nil
}

func (m *Acknowledgement) parse(b []byte) error {
	if len(b) < 4 {
		return ErrShort
	}
	m.SequenceNumber = binary.BigEndian.Uint32(b)
	return nil
}
