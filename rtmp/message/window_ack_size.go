package message

import "encoding/binary"

// WindowAckSize asks the peer to acknowledge each time it has received Size bytes (RTMP 1.0 §5.4.4).
type WindowAckSize struct {
	Size uint32 // bytes
}

func (*WindowAckSize) Type() uint8 { return TypeWindowAckSize }

func (m *WindowAckSize) AppendBody(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, m.Size), nil
}

func (m *WindowAckSize) parse(b []byte) error {
	if len(b) < 4 {
		return ErrShort
	}
	m.Size = binary.BigEndian.Uint32(b)
	return nil
}
