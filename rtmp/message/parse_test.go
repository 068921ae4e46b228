package message_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// bodies is one well-formed body of each type, in hex, and what it means.
var bodies = []struct {
	name string
	typ  uint8
	hex  string
	want message.Message
	// short is the length below which the body must be refused.
	short int
}{
	{"set chunk size", 1, "00001000", &message.SetChunkSize{Size: 4096}, 4},
	{"set chunk size, largest", 1, "7fffffff", &message.SetChunkSize{Size: 1<<31 - 1}, 4},
	{"abort", 2, "00010001", &message.Abort{ChunkStream: 65537}, 4},
	{"acknowledgement", 3, "fffffffe", &message.Acknowledgement{SequenceNumber: 0xfffffffe}, 4},
	{"stream begin", 4, "0000 00000001", &message.UserControl{Event: message.EventStreamBegin, StreamID: 1}, 6},
	{"stream eof", 4, "0001 00000002", &message.UserControl{Event: message.EventStreamEOF, StreamID: 2}, 6},
	{"stream dry", 4, "0002 00000003", &message.UserControl{Event: message.EventStreamDry, StreamID: 3}, 6},
	{"set buffer length", 4, "0003 00000001 00000bb8",
		&message.UserControl{Event: message.EventSetBufferLength, StreamID: 1, BufferLength: 3000}, 10},
	{"stream is recorded", 4, "0004 00000001", &message.UserControl{Event: message.EventStreamIsRecorded, StreamID: 1}, 6},
	{"ping request", 4, "0006 01020304", &message.UserControl{Event: message.EventPingRequest, Timestamp: 0x01020304}, 6},
	{"ping response", 4, "0007 01020304", &message.UserControl{Event: message.EventPingResponse, Timestamp: 0x01020304}, 6},
	{"buffer empty", 4, "001f 00000001", &message.UserControl{Event: message.EventBufferEmpty, StreamID: 1}, 6},
	{"buffer ready", 4, "0020 00000001", &message.UserControl{Event: message.EventBufferReady, StreamID: 1}, 6},
	{"unknown event", 4, "001a 0102", &message.UserControl{Event: 26, Raw: []byte{1, 2}}, 2},
	{"window ack size", 5, "002625a0", &message.WindowAckSize{Size: 2_500_000}, 4},
	{"set peer bandwidth", 6, "002625a0 02", &message.SetPeerBandwidth{Size: 2_500_000, Limit: message.LimitDynamic}, 5},
	{"audio", 8, "af01ff", &message.Audio{Payload: []byte{0xaf, 0x01, 0xff}}, 0},
	{"video", 9, "1701000000", &message.Video{Payload: []byte{0x17, 1, 0, 0, 0}}, 0},
	{"shared object", 19, "0102", &message.SharedObject{Body: []byte{1, 2}}, 0},
	{"shared object, AMF3", 16, "0102", &message.SharedObject{Body: []byte{1, 2}, AMF3: true}, 0},
	{"unknown type", 99, "0102", &message.Unknown{MessageType: 99, Body: []byte{1, 2}}, 0},
	{"command", 20, "02 0007 7075626c697368" + "00 4010000000000000" + "05" + "02 0003 63616d",
		&message.Command{Name: "publish", Transaction: 4, Arguments: []any{"cam"}}, 10},
	{"command, AMF3", 17, "00 02 0001 61" + "00 3ff0000000000000" + "05",
		&message.Command{Name: "a", Transaction: 1, Arguments: []any{}, AMF3: true}, 5},
	{"data", 18, "02 0003 666f6f 01 01", &message.Data{Name: "foo", Body: unhex("02 0003 666f6f 01 01")}, 6},
	{"data, AMF3", 15, "00 02 0003 666f6f 05",
		&message.Data{Name: "foo", Body: unhex("02 0003 666f6f 05"), AMF3: true}, 7},
	{"data to keep", 18, "02 000d 40736574446174614672616d65 02 000a 6f6e4d65746144617461 05",
		&message.Data{Name: "onMetaData", SetDataFrame: true, Body: unhex("02 000a 6f6e4d65746144617461 05")}, 29},
	{"aggregate", 22, "08 000001 000000 00 000000 ff 0000000c",
		&message.Aggregate{Timestamp: 1000, StreamID: 1, Body: unhex("08 000001 000000 00 000000 ff 0000000c")}, 0},
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func wire(typ uint8, payload []byte) *chunk.Message {
	return &chunk.Message{ChunkStream: 3, Type: typ, StreamID: 1, Timestamp: 1000, Payload: payload}
}

func TestParseReadsEachTypeAndAppendWritesItBack(t *testing.T) {
	for _, c := range bodies {
		t.Run(c.name, func(t *testing.T) {
			var p message.Parser
			body := unhex(c.hex)
			got, err := p.Parse(wire(c.typ, body))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, c.typ, got.Type())

			back, err := got.AppendBody([]byte("before"))
			require.NoError(t, err)
			require.Equal(t, append([]byte("before"), body...), back)
		})
	}
}

func TestParseRefusesShortBodies(t *testing.T) {
	for _, c := range bodies {
		body := unhex(c.hex)
		for cut := range len(body) {
			var p message.Parser
			_, err := p.Parse(wire(c.typ, body[:cut]))
			if cut >= c.short {
				continue // may be read or not, but must not panic
			}
			var parseErr *message.ParseError
			require.ErrorAs(t, err, &parseErr, "%s cut at %d", c.name, cut)
			require.Equal(t, c.typ, parseErr.Type)
			require.Contains(t, err.Error(), message.TypeName(c.typ))
		}
	}
}

func TestParseRefusesChunkSizesOutOfRange(t *testing.T) {
	for _, body := range []string{"00000000", "80000000", "ffffffff"} {
		var p message.Parser
		_, err := p.Parse(wire(message.TypeSetChunkSize, unhex(body)))
		require.ErrorIs(t, err, message.ErrChunkSize, body)
	}
}

func TestParserForgetsTheMessageBefore(t *testing.T) {
	var p message.Parser
	for _, body := range []string{"0003 00000001 00000bb8", "001a 0102"} {
		_, err := p.Parse(wire(message.TypeUserControl, unhex(body)))
		require.NoError(t, err)
	}
	got, err := p.Parse(wire(message.TypeUserControl, unhex("0006 00000005")))
	require.NoError(t, err)
	require.Equal(t, &message.UserControl{Event: message.EventPingRequest, Timestamp: 5}, got)
}

func TestEveryTypeHasAName(t *testing.T) {
	for typ := range 256 {
		require.NotEmpty(t, message.TypeName(uint8(typ)))
	}
	require.Equal(t, "type 99", message.TypeName(99))
	require.Equal(t, "aggregate", message.TypeName(message.TypeAggregate))
}

func TestMediaAliasesThePayload(t *testing.T) {
	var p message.Parser
	payload := []byte{0x17, 0, 0, 0, 0}
	got, err := p.Parse(wire(message.TypeVideo, payload))
	require.NoError(t, err)
	payload[0] = 0x27
	require.Equal(t, byte(0x27), got.(*message.Video).Payload[0])
}

func body(t *testing.T, values ...any) []byte {
	t.Helper()
	var b []byte
	for _, v := range values {
		var err error
		b, err = amf.Append(b, v)
		require.NoError(t, err)
	}
	return b
}
