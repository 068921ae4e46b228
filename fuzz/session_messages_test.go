package fuzz

import (
	"slices"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// typicalCommand is a command as it is meant to be: what follows its transaction.
type typicalCommand struct {
	name   string
	values []any
}

// clientCommands are what clients say. Some stand there twice to be picked more often.
var clientCommands = []typicalCommand{
	{"connect", []any{sessionObject("app", "live", "tcUrl", "rtmp://h/live?b=2", "objectEncoding", 3.0, "capsEx", 15.0)}},
	{"createStream", []any{nil}},
	{"releaseStream", []any{nil, "cam"}},
	{"FCPublish", []any{nil, "cam"}},
	{"publish", []any{nil, "cam?token=a", "live"}},
	{"publish", []any{nil, "cam", "live"}},
	{"publish", []any{nil, false}},
	{"publish", []any{nil, "cam", "record"}},
	{"play", []any{nil, "cam", -2000.0, -1.0, true}},
	{"play", []any{nil, "cam"}},
	{"FCUnpublish", []any{nil, "cam"}},
	{"deleteStream", []any{nil, 1.0}},
	{"closeStream", []any{nil}},
	{"pause", []any{nil, true, 0.0}},
	{"seek", []any{nil, 10.0}},
	{"receiveVideo", []any{nil, true}},
	{"getStreamLength", []any{nil, "cam"}},
	{"_checkbw", []any{nil}},
	{"_result", []any{nil, nil}},
	{"onStatus", []any{nil, sessionObject("level", "status", "code", session.CodePublishStart)}},
	{"nobody knows this", []any{nil}},
}

// serverCommands are what servers say.
var serverCommands = []typicalCommand{
	{"_result", []any{sessionObject("fmsVer", "FMS/3"), sessionObject("level", "status", "code", session.CodeConnectSuccess)}},
	{"_result", []any{nil, 1.0}},
	{"_result", []any{nil, 4294967295.0}},
	{"_error", []any{nil, sessionObject("level", "error", "code", session.CodeConnectRejected, "description", "no")}},
	{"onStatus", []any{nil, sessionObject("level", "status", "code", session.CodePublishStart)}},
	{"onStatus", []any{nil, sessionObject("level", "status", "code", session.CodePlayStart)}},
	{"onStatus", []any{nil, sessionObject("level", "error", "code", session.CodePublishBadName)}},
	{"onStatus", []any{nil, sessionObject("level", "error", "code", session.CodePlayStreamNotFound)}},
	{"onStatus", []any{nil, sessionObject("level", "status", "code", session.CodePlayUnpublishNotify)}},
	{"onStatus", []any{nil, sessionObject("level", "status", "code", session.CodeConnectReconnect, "tcUrl", "rtmp://h/")}},
	{"onBWDone", []any{nil, 8192.0}},
	{"onFCPublish", []any{nil, sessionObject("code", session.CodePublishStart)}},
	{"close", []any{nil}},
	{"nobody knows this", []any{nil}},
}

// messageTimes are times of messages, in ms: usual ones and those around which arithmetic goes wrong.
var messageTimes = []uint32{0, 40, 80, 0xFFFFFE, 0xFFFFFF, 1 << 31, 1<<31 - 1, 1<<32 - 1}

// command makes one of these commands, as it is meant to be in half of all cases, and its type.
func (p *plan) command(commands []typicalCommand) (messageType uint8, body []byte) {
	c := pick(p, commands)
	values := slices.Clone(c.values)
	transaction := any(float64(p.next() % 8))
	switch p.next() % 12 {
	case 0:
		transaction = p.value(1)
	case 1:
		values = values[:p.next()%(len(values)+1)]
	case 2, 3:
		values[p.next()%len(values)] = p.value(3)
	case 4:
		values = append(values, p.values(2)...)
	case 5:
		values = p.values(3)
	}
	body = p.encoded(append([]any{c.name, transaction}, values...))
	messageType = message.TypeCommandAMF0
	if p.one(6) {
		messageType = message.TypeCommandAMF3
		if !p.one(3) { // some senders leave the format byte out
			body = append([]byte{0}, body...)
		}
	}
	return messageType, p.cut(body)
}

// encoded writes values in AMF0, now and then one of them in AMF3 behind the marker for that.
func (p *plan) encoded(values []any) (body []byte) {
	for _, v := range values {
		before, err := body, error(nil)
		if p.one(8) {
			body, err = amf.Append3(append(body, 0x11), v)
		} else {
			body, err = amf.Append(body, v)
		}
		if err != nil { // a property without a name, in AMF3
			body = before
		}
	}
	return body
}

// cut leaves the end of a body out, once in 16 times.
func (p *plan) cut(body []byte) []byte {
	if !p.one(16) {
		return body
	}
	return body[:p.next()*len(body)/256]
}

// otherMessage makes a message that is no command.
func (p *plan) otherMessage() (messageType uint8, body []byte) {
	switch p.next() % 8 {
	case 0, 1:
		return message.TypeVideo, p.cut(append([]byte{byte(p.next()), byte(p.next() % 3), 0, 0, 0}, p.bytes(p.next()%100)...))
	case 2:
		return message.TypeAudio, p.cut(append([]byte{byte(p.next()), byte(p.next() % 3)}, p.bytes(p.next()%100)...))
	case 3:
		return p.data()
	case 4:
		var aggregate []byte
		for range p.next() % 5 {
			m := chunk.Message{Timestamp: pick(p, messageTimes)}
			m.Type, m.Payload = p.inner()
			aggregate = message.AppendAggregated(aggregate, &m)
		}
		return message.TypeAggregate, p.cut(aggregate)
	case 5:
		event := pick(p, []byte{0, 1, 2, 3, 4, 6, 6, 7, 31, 32, 255})
		return message.TypeUserControl, p.cut([]byte{0, event, 0, 0, 0, byte(p.next()), 0, 0, 0, 1})
	case 6:
		size := pick(p, [][]byte{{0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 4, 0}, {0x80, 0, 0, 0}, {255, 255, 255, 255}, {0, 38, 37, 160, 2}})
		return pick(p, []uint8{message.TypeWindowAckSize, message.TypeSetPeerBandwidth, message.TypeAcknowledgement}), p.cut(size)
	}
	return byte(p.next()), p.bytes(p.next())
}

// inner makes a message that may stand in an aggregate.
func (p *plan) inner() (messageType uint8, body []byte) {
	if p.one(4) {
		return p.data()
	}
	return pick(p, []uint8{message.TypeVideo, message.TypeAudio, message.TypeCommandAMF0, message.TypeAggregate}), p.bytes(p.next() % 20)
}

func (p *plan) data() (messageType uint8, body []byte) {
	values := []any{pick(p, []any{"@setDataFrame", "@clearDataFrame", "onMetaData", "onTextData", "|RtmpSampleAccess", 0.0, nil})}
	values = append(values, pick(p, []any{"onMetaData", "onMetaData", "onCuePoint", 1.0}))
	values = append(values, p.values(3)...)
	if p.one(2) {
		values = append(values, &amf.ECMAArray{Properties: p.properties(2)})
	}
	body = p.encoded(values)
	if p.one(4) {
		return message.TypeDataAMF3, p.cut(append([]byte{0}, body...))
	}
	return message.TypeDataAMF0, p.cut(body)
}
