package message

import "strconv"

// Message type ids (RTMP 1.0 §5.4, §6.2, §7.1).
const (
	TypeSetChunkSize     uint8 = 1
	TypeAbort            uint8 = 2
	TypeAcknowledgement  uint8 = 3
	TypeUserControl      uint8 = 4
	TypeWindowAckSize    uint8 = 5
	TypeSetPeerBandwidth uint8 = 6
	TypeAudio            uint8 = 8
	TypeVideo            uint8 = 9
	TypeDataAMF3         uint8 = 15
	TypeSharedObjectAMF3 uint8 = 16
	TypeCommandAMF3      uint8 = 17
	TypeDataAMF0         uint8 = 18
	TypeSharedObjectAMF0 uint8 = 19
	TypeCommandAMF0      uint8 = 20
	TypeAggregate        uint8 = 22
)

// TypeName is the specification's name of a message type, for logs and errors.
func TypeName(t uint8) string {
	switch t {
	case TypeSetChunkSize:
		return "set chunk size"
	case TypeAbort:
		return "abort"
	case TypeAcknowledgement:
		return "acknowledgement"
	case TypeUserControl:
		return "user control"
	case TypeWindowAckSize:
		return "window acknowledgement size"
	case TypeSetPeerBandwidth:
		return "set peer bandwidth"
	case TypeAudio:
		return "audio"
	case TypeVideo:
		return "video"
	case TypeDataAMF3:
		return "data (AMF3)"
	case TypeSharedObjectAMF3:
		return "shared object (AMF3)"
	case TypeCommandAMF3:
		return "command (AMF3)"
	case TypeDataAMF0:
		return "data"
	case TypeSharedObjectAMF0:
		return "shared object"
	case TypeCommandAMF0:
		return "command"
	case TypeAggregate:
		return "aggregate"
	}
	return "type " + strconv.Itoa(int(t))
}
