package message

import "encoding/binary"

// Limit types of [SetPeerBandwidth] (RTMP 1.0 §5.4.5).
const (
	LimitHard    uint8 = 0
	LimitSoft    uint8 = 1
	LimitDynamic uint8 = 2
)

// SetPeerBandwidth asks the peer to have at most Size unacknowledged bytes under way (RTMP 1.0 §5.4.5).
//
//	|     window size (32 bits)     | limit type (8) |
type SetPeerBandwidth struct {
	Size  uint32 // bytes
	Limit uint8
}

func (*SetPeerBandwidth) Type() uint8 { return TypeSetPeerBandwidth }

func (m *SetPeerBandwidth) AppendBody(dst []byte) ([]byte, error) {
	return append(binary.BigEndian.AppendUint32(dst, m.Size), m.Limit), nil
}

func (m *SetPeerBandwidth) parse(b []byte) error {
	if len(b) < 5 {
		return ErrShort
	}
	m.Size = binary.BigEndian.Uint32(b)
	m.Limit = b[4]
	return nil
}
