package message

import (
	"mmids/amf"
	"mmids/rtmp/chunk"
)

// Message is a parsed message body.
type Message interface {
	// Type is the message type id that the body travels under.
	Type() uint8
	// AppendBody appends the body to dst. Only AMF values that have no encoding make it fail.
	AppendBody(dst []byte) ([]byte, error)
}

// Parser reads message bodies. Its zero value is ready. Not for use by several goroutines at once.
type Parser struct {
	// Limits bound the AMF values of commands. The zero value means the defaults of package amf.
	Limits amf.Limits

	setChunkSize     SetChunkSize
	abort            Abort
	acknowledgement  Acknowledgement
	userControl      UserControl
	windowAckSize    WindowAckSize
	setPeerBandwidth SetPeerBandwidth
	audio            Audio
	video            Video
	data             Data
	sharedObject     SharedObject
	command          Command
	aggregate        Aggregate
	unknown          Unknown
}

// Parse reads the body of m. The result belongs to the parser, aliases m.Payload and is valid until the next Parse;
// strings and values of a command are copies and may be kept. Media, control and data messages are parsed without
// copying or allocating. The error is always a [*ParseError], and m is then to be ignored or its sender cut, as the
// caller sees fit.
func (p *Parser) Parse(m *chunk.Message) (Message, error) {
	msg, offset, err := p.parse(m)
	if err != nil {
		return nil, &ParseError{Type: m.Type, Offset: offset, Err: err}
	}
	return msg, nil
}

// parse is the table of all messages. The number is the offset of the error within the body.
func (p *Parser) parse(m *chunk.Message) (Message, int, error) {
	body := m.Payload
	switch m.Type {
	case TypeSetChunkSize:
		return &p.setChunkSize, 0, p.setChunkSize.parse(body)
	case TypeAbort:
		return &p.abort, 0, p.abort.parse(body)
	case TypeAcknowledgement:
		return &p.acknowledgement, 0, p.acknowledgement.parse(body)
	case TypeUserControl:
		return &p.userControl, 0, p.userControl.parse(body)
	case TypeWindowAckSize:
		return &p.windowAckSize, 0, p.windowAckSize.parse(body)
	case TypeSetPeerBandwidth:
		return &p.setPeerBandwidth, 0, p.setPeerBandwidth.parse(body)
	case TypeAudio:
		p.audio.Payload = body
		return &p.audio, 0, nil
	case TypeVideo:
		p.video.Payload = body
		return &p.video, 0, nil
	case TypeDataAMF0, TypeDataAMF3:
		offset, err := p.data.parse(body, m.Type == TypeDataAMF3)
		return &p.data, offset, err
	case TypeSharedObjectAMF0, TypeSharedObjectAMF3:
		p.sharedObject = SharedObject{Body: body, AMF3: m.Type == TypeSharedObjectAMF3}
		return &p.sharedObject, 0, nil
	case TypeCommandAMF0, TypeCommandAMF3:
		offset, err := p.command.parse(body, m.Type == TypeCommandAMF3, p.Limits)
		return &p.command, offset, err
	case TypeAggregate:
		p.aggregate = Aggregate{Timestamp: m.Timestamp, StreamID: m.StreamID, Body: body}
		return &p.aggregate, 0, nil
	}
	p.unknown = Unknown{MessageType: m.Type, Body: body}
	return &p.unknown, 0, nil
}
