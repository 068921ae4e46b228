package message

import "encoding/binary"

// Abort tells the peer to forget the partly sent message of a chunk stream (RTMP 1.0 §5.4.2). The chunk reader applies it.
type Abort struct {
	ChunkStream uint32
}

func (*Abort) Type() uint8 { return TypeAbort }

func (m *Abort) AppendBody(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, m.ChunkStream), nil
}

func (m *Abort) parse(b []byte) error {
	if len(b) < 4 {
		return ErrShort
	}
	m.ChunkStream = binary.BigEndian.Uint32(b)
	return nil
}
