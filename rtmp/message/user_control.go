package message

import "encoding/binary"

// Event is the event type of a [UserControl] message (RTMP 1.0 §6.2, §7.1.7). The last two are not in the
// specification: Flash Media Server sends them to its players.
type Event uint16

const (
	EventStreamBegin      Event = 0
	EventStreamEOF        Event = 1
	EventStreamDry        Event = 2
	EventSetBufferLength  Event = 3
	EventStreamIsRecorded Event = 4
	EventPingRequest      Event = 6
	EventPingResponse     Event = 7
	EventBufferEmpty      Event = 31
	EventBufferReady      Event = 32
)

// UserControl is a notice about the connection or about one of its message streams.
//
//	| event type (16) | event data (the rest) |
//
// Which fields the event data fills depends on the event. An event that is not listed above keeps its data in Raw and
// may be ignored.
type UserControl struct {
	Event        Event
	StreamID     uint32 // of every listed event but the pings
	BufferLength uint32 // of EventSetBufferLength, milliseconds
	Timestamp    uint32 // of the pings, milliseconds of the sender's clock
	Raw          []byte // of other events; aliases the payload
}

func (*UserControl) Type() uint8 { return TypeUserControl }

func (m *UserControl) AppendBody(dst []byte) ([]byte, error) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(m.Event))
	switch m.Event {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		return binary.BigEndian.AppendUint32(dst, m.StreamID), nil
	case EventSetBufferLength:
		dst = binary.BigEndian.AppendUint32(dst, m.StreamID)
		return binary.BigEndian.AppendUint32(dst, m.BufferLength), nil
	case EventPingRequest, EventPingResponse:
		return binary.BigEndian.AppendUint32(dst, m.Timestamp), nil
	}
	return append(dst, m.Raw...), nil
}

func (m *UserControl) parse(b []byte) error {
	if len(b) < 2 {
		return ErrShort
	}
	*m = UserControl{Event: Event(binary.BigEndian.Uint16(b))}
	b = b[2:]
	switch m.Event {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		if len(b) < 4 {
			return ErrShort
		}
		m.StreamID = binary.BigEndian.Uint32(b)
	case EventSetBufferLength:
		if len(b) < 8 {
			return ErrShort
		}
		m.StreamID = binary.BigEndian.Uint32(b)
		m.BufferLength = binary.BigEndian.Uint32(b[4:])
	case EventPingRequest, EventPingResponse:
		if len(b) < 4 {
			return ErrShort
		}
		m.Timestamp = binary.BigEndian.Uint32(b)
	default:
		m.Raw = b
	}
	return nil
}
