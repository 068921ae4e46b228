package fuzz

import (
	"bytes"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// sessionBody encodes values one after the other, as commands and data messages carry them.
func sessionBody(values ...any) []byte {
	var b []byte
	for _, v := range values {
		var err error
		if b, err = amf.Append(b, v); err != nil {
			panic(err)
		}
	}
	return b
}

func sessionObject(pairs ...any) *amf.Object {
	o := &amf.Object{}
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// sessionCommands are bodies of commands, among them those that have broken servers.
var sessionCommands = [][]byte{
	sessionBody("connect", 1.0, sessionObject("app", "live?a=1", "tcUrl", "rtmp://h/live?b=2", "capsEx", 15.0,
		"fourCcList", &amf.StrictArray{Values: []any{"avc1", 1.0}}, "videoFourCcInfoMap", sessionObject("*", 7.0))),
	sessionBody("connect", 1.0, nil),
	sessionBody("createStream", 2.0, nil),
	sessionBody("releaseStream", 3.0, nil, "cam"),
	sessionBody("FCPublish", 4.0, nil, "cam"),
	sessionBody("publish", 5.0, nil, "cam?token=a", "live"),
	sessionBody("publish", 5.0, nil, "cam", "record"),
	sessionBody("publish", 0.0, nil, false),
	sessionBody("publish", 5.0, nil, 7.0, sessionObject()),
	sessionBody("play", 6.0, nil, "cam", -2000.0, "x", true),
	sessionBody("deleteStream", 7.0, nil, 1.0),
	sessionBody("deleteStream", 7.0, nil, "cam"),
	sessionBody("closeStream", 0.0, nil),
	sessionBody("FCUnpublish", 8.0, nil, "cam"),
	sessionBody("pause", 9.0, nil, true, 1.0),
	sessionBody("_result", 9.0, nil),
	sessionBody("publish"),
	append(sessionBody("publish", 5.0, nil), 0x11, 0x06, 0x07, 'c', 'a', 'm'),
	append([]byte{0}, sessionBody("createStream", 2.0, nil)...),
	bytes.Repeat([]byte{0x0a, 0, 0, 0, 1}, 64),
}

// sessionBodies are bodies of other messages.
var sessionBodies = []struct {
	messageType uint8
	body        []byte
}{
	{message.TypeAudio, []byte{0xaf, 1, 0xff}},
	{message.TypeVideo, []byte{0x17}},
	{message.TypeVideo, nil},
	{message.TypeWindowAckSize, []byte{0, 0, 0, 1}},
	{message.TypeWindowAckSize, []byte{0}},
	{message.TypeUserControl, []byte{0, 6, 0, 0, 0, 1}},
	{message.TypeUserControl, []byte{0, 3, 0, 0}},
	{message.TypeUserControl, []byte{0, 31, 0, 0, 0, 1}},
	{message.TypeDataAMF0, sessionBody("@setDataFrame", "onMetaData", &amf.ECMAArray{Properties: sessionObject("width", 1.0).Properties})},
	{message.TypeDataAMF0, sessionBody(0.0, 1.0, "@setDataFrame", "onMetaData", sessionObject("width", 1.0))},
	{message.TypeDataAMF0, sessionBody("@clearDataFrame", "onMetaData")},
	{message.TypeDataAMF3, append([]byte{0}, sessionBody("onTextData", "x")...)},
	{message.TypeDataAMF0, []byte{0, 0, 1, 2}},
	{message.TypeDataAMF0, append(sessionBody("onMetaData"), 3, 0, 1, 'a', 7, 0, 0, 0, 0, 9)}, // contains itself
	{message.TypeAggregate, message.AppendAggregated(nil, &chunk.Message{Type: 9, Timestamp: 5, Payload: []byte{1, 2}})},
	{message.TypeAggregate, []byte{9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0}},
	{99, []byte{1}},
}

// chunkOf is a message as the chunk reader hands it on.
func chunkOf(messageType uint8, body []byte) *chunk.Message {
	return &chunk.Message{Type: messageType, StreamID: 1, Payload: body}
}
