package message

import "encoding/binary"

// SetChunkSize tells the peer how long the chunks are that follow (RTMP 1.0 §5.4.1). The chunk reader applies it.
//
//	|0|        chunk size (31 bits)        |
type SetChunkSize struct {
	Size uint32 // bytes, 1…2147483647
}

func (*SetChunkSize) Type() uint8 { return TypeSetChunkSize }

func (m *SetChunkSize) AppendBody(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, m.Size), nil
}

func (m *SetChunkSize) parse(b []byte) error {
	if len(b) < 4 {
		return ErrShort
	}
	m.Size = binary.BigEndian.Uint32(b)
	if m.Size == 0 || m.Size > 1<<31-1 {
		return ErrChunkSize
	}
	return nil
}
