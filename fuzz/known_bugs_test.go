package fuzz

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// knownBug is input that has crashed, blocked or emptied the memory of some other server or client.
type knownBug struct {
	name string
	says []byte   // what a client says behind the handshake
	want []string // what comes of it here
}

// said is a message in chunks of 128 bytes.
func said(messageType uint8, timestamp uint32, body ...byte) []byte {
	return chunk.AppendType0(nil, &chunk.Message{
		ChunkStream: 3, Type: messageType, StreamID: 1, Timestamp: timestamp, Payload: body,
	}, chunk.DefaultChunkSize)
}

func called(name string, values ...any) []byte {
	return said(message.TypeCommandAMF0, 0, sessionBody(append([]any{name, 1.0}, values...)...)...)
}

func uint32Bytes(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// These are what ordinary clients begin with.
var (
	saysConnect = called("connect", sessionObject("app", "live"))
	saysPublish = slices.Concat(saysConnect, called("publish", nil, "cam", "live"))
)

const (
	connected = "connect live?"
	published = "publish cam?"
	ended     = "stop: connection closed"
)

// knownBugs has at least one input for each class of bugs that are known of other programs.
func knownBugs() []knownBug {
	join := slices.Concat[[]byte]
	data := func(n int) []byte { return bytes.Repeat([]byte{0x17}, n) }
	// A video message of 300 bytes on chunk stream 6, of which 128 are there.
	begun := join([]byte{6, 0, 0, 40, 0, 1, 44, 9, 1, 0, 0, 0, 0x17, 1, 0, 0, 0}, data(123))
	rest := join([]byte{0xC6}, data(128), []byte{0xC6}, data(44))
	command := func(hex string) []byte {
		return said(message.TypeCommandAMF0, 0, append(sessionBody("publish", 2.0), unhex(hex)...)...)
	}
	amf3Command := func(hex string) []byte { return said(message.TypeCommandAMF3, 0, append([]byte{0}, unhex(hex)...)...) }
	return []knownBug{
		// Message length changes between chunks of the same stream: FFmpeg CVE-2016-10191.
		{"length shrinks in mid-message", join(saysPublish, begun, []byte{0x46, 0, 0, 1, 0, 0, 5, 9}, []byte{0x27, 1, 0, 0, 0}),
			[]string{connected, published, "video at 41: H.264, inter frame, coded frames, 0 bytes", ended}},
		{"length grows in mid-message", join(saysPublish, begun, []byte{6, 0, 0, 40, 0x7F, 0xFF, 0xFF, 9, 1, 0, 0, 0}, data(128), rest),
			[]string{connected, published, ended}},
		{"length beyond any limit in mid-message", join(saysPublish, begun, []byte{0x46, 0, 0, 1, 0xFF, 0xFF, 0xFF, 9}, data(128)),
			[]string{connected, published, ended, "error: rtmp chunk at byte 232, chunk stream 6: message too large: 16777215 bytes, at most 8388608 are accepted"}},

		// Set Chunk Size lower than what is already read: nginx-rtmp 2021-05-24; a short body of it: lal 0.37.4.
		{"chunk size below what has been read", join(saysPublish, begun, said(1, 0, uint32Bytes(1)...), bytes.Repeat([]byte{0xC6, 0x17}, 172)),
			[]string{connected, published, "video at 40: H.264, key frame, coded frames, 295 bytes", ended}},
		{"chunk size with no body", join(saysConnect, said(1, 0)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: protocol control message too short: type 1 with 0 bytes"}},
		{"chunk size with a body of 3 bytes", join(saysConnect, said(1, 0, 0, 0, 1)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: protocol control message too short: type 1 with 3 bytes"}},
		{"abort with a body of 3 bytes", join(saysConnect, said(2, 0, 0, 0, 1)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: protocol control message too short: type 2 with 3 bytes"}},

		// Absurd chunk size: nginx-rtmp 2017-06-01, SRS #541 and #160.
		{"chunk size 0", join(saysConnect, said(1, 0, uint32Bytes(0)...)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: chunk size out of range: 0, accepted are 1 to 10485760"}},
		{"chunk size 65537", join(saysConnect, said(1, 0, uint32Bytes(65537)...), called("publish", nil, "cam")),
			[]string{connected, published, ended}},
		{"chunk size above 10 MiB", join(saysConnect, said(1, 0, uint32Bytes(10<<20+1)...)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: chunk size out of range: 10485761, accepted are 1 to 10485760"}},
		{"chunk size 2147483647", join(saysConnect, said(1, 0, uint32Bytes(1<<31-1)...)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: chunk size out of range: 2147483647, accepted are 1 to 10485760"}},
		{"chunk size with the top bit", join(saysConnect, said(1, 0, uint32Bytes(1<<31|128)...)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 3: chunk size out of range: 2147483776, accepted are 1 to 10485760"}},

		// Truncated AMF: nginx-rtmp 2021-05-25, Node-Media-Server #88.
		{"connect cut in a property name", said(message.TypeCommandAMF0, 0, sessionBody("connect", 1.0, sessionObject("app", "live"))[:21]...),
			[]string{"error: command message, byte 0: amf: byte 20: unexpected EOF"}},
		{"connect cut in a text", said(message.TypeCommandAMF0, 0, sessionBody("connect", 1.0, sessionObject("app", "live"))[:28]...),
			[]string{"error: command message, byte 0: amf: byte 28: unexpected EOF"}},
		{"connect cut in a number", said(message.TypeCommandAMF0, 0, sessionBody("connect", 1.0)[:14]...),
			[]string{"error: command message, byte 0: amf: byte 11: unexpected EOF"}},
		{"command cut in its name", said(message.TypeCommandAMF0, 0, 2, 0, 7, 'c', 'o'),
			[]string{"error: command message, byte 0: amf: byte 3: unexpected EOF"}},
		{"command without a byte", said(message.TypeCommandAMF0, 0), nil},
		{"AMF3 command without a byte", said(message.TypeCommandAMF3, 0), nil},
		{"metadata cut in a date", join(saysPublish, said(18, 0, append(sessionBody("onMetaData"), 0x0b, 0x42)...)),
			[]string{connected, published, ended}},
		{"AMF3 integer cut", join(saysConnect, command("11 04 ff ff")),
			[]string{connected, "error: command message, byte 0: amf: byte 23: unexpected EOF"}},

		// Nested AMF: ZLM #4787, flvmeta #29 with 70,000 arrays, Red5 #469.
		{"70000 nested arrays in a command", join(saysConnect, command(strings.Repeat("0a00000001", 70_000))),
			[]string{connected, "error: command message, byte 0: amf: byte 180: values nested too deeply"}},
		{"70000 nested arrays in metadata", join(saysPublish, said(18, 0, append(sessionBody("onMetaData"), unhex(strings.Repeat("0a00000001", 70_000))...)...)),
			[]string{connected, published, ended}},
		{"70000 nested objects before connect", said(message.TypeCommandAMF0, 0, append(sessionBody("connect", 1.0), unhex(strings.Repeat("03000161", 70_000))...)...),
			[]string{"error: command message, byte 0: amf: byte 148: values nested too deeply"}},
		{"20000 nested AMF3 arrays", join(saysConnect, command("11"+strings.Repeat("090301", 20_000))),
			[]string{connected, "error: command message, byte 0: amf: byte 118: values nested too deeply"}},
		{"20000 nested AMF3 dictionaries", join(saysConnect, command("11"+strings.Repeat("110300", 20_000))),
			[]string{connected, "error: command message, byte 0: amf: byte 118: values nested too deeply"}},
		{"object that contains itself", join(saysPublish, said(18, 0, append(sessionBody("onMetaData"), unhex("03 0001 61 07 0000 000009")...)...)),
			[]string{connected, published, ended}},

		// AMF lengths trusted for allocation: Red5 #469.
		{"array of 4294967295", join(saysConnect, command("0a ffffffff 05")),
			[]string{connected, "error: command message, byte 0: amf: byte 25: unexpected EOF"}},
		{"ECMA array of 4294967295 that has one", join(saysPublish, said(18, 0, append(sessionBody("onMetaData"), unhex("08 ffffffff 0001 61 05 000009")...)...)),
			[]string{connected, published, "metadata with 1 properties", ended}},
		{"long string of 4294967295", join(saysConnect, command("0c ffffffff 61")),
			[]string{connected, "error: command message, byte 0: amf: byte 24: unexpected EOF"}},
		{"AMF3 vector of 268435455", join(saysConnect, command("11 0d ffffffff 00")),
			[]string{connected, "error: command message, byte 0: amf: byte 26: unexpected EOF"}},
		{"AMF3 byte array of 268435455", join(saysConnect, command("11 0c ffffffff 00")),
			[]string{connected, "error: command message, byte 0: amf: byte 25: unexpected EOF"}},
		{"AMF3 object of 67108863 members", join(saysConnect, command("11 0a fffffff3 01")),
			[]string{connected, "error: command message, byte 0: amf: byte 26: unexpected EOF"}},

		// Wrong AMF type in a command slot: Node-Media-Server #67 and #2, ZLM #1644.
		{"publish false, as Wirecast stops", join(saysPublish, called("publish", nil, false)),
			[]string{connected, published, "stop: publish(false)"}},
		{"publish with a number for a key", join(saysConnect, called("publish", nil, 7.0)),
			[]string{connected, "refused NetStream.Publish.BadName: publish needs a stream key"}},
		{"publish with an object for a key", join(saysConnect, called("publish", nil, sessionObject("a", 1.0))),
			[]string{connected, "refused NetStream.Publish.BadName: publish needs a stream key"}},
		{"publish without a key", join(saysConnect, called("publish", nil)),
			[]string{connected, "refused NetStream.Publish.BadName: publish needs a stream key"}},
		{"publish with nothing but its name", join(saysConnect, said(message.TypeCommandAMF0, 0, sessionBody("publish")...)),
			[]string{connected, "refused NetStream.Publish.BadName: publish needs a stream key"}},
		{"key behind the marker for AMF3", join(saysConnect, command("05 11 06 07 63616d")),
			[]string{connected, published, ended}},
		{"play with texts for numbers", join(saysConnect, called("play", nil, "cam", "-2", "x", "y")),
			[]string{connected, "play cam? from -2 for -1", ended}},
		{"connect with a number for an app", called("connect", sessionObject("app", 1.0)),
			[]string{"refused NetConnection.Connect.InvalidApp: connect names no app"}},
		{"connect with null for its object", called("connect", nil),
			[]string{"refused NetConnection.Connect.InvalidApp: connect names no app"}},
		{"command whose name is a number", join(saysConnect, said(message.TypeCommandAMF0, 0, sessionBody(1.0, 2.0)...)),
			[]string{connected}},
		{"deleteStream with a text", join(saysPublish, called("deleteStream", nil, "cam")),
			[]string{connected, published, "stop: deleteStream"}},
		{"deleteStream of stream NaN", join(saysPublish, said(message.TypeCommandAMF0, 0, append(sessionBody("deleteStream", 1.0, nil), unhex("00 7ff8000000000000")...)...)),
			[]string{connected, published, ended}},
		{"createStream with a text for a transaction", join(saysConnect, said(message.TypeCommandAMF0, 0, sessionBody("createStream", "x", nil)...)),
			[]string{connected}},

		// Unknown AMF markers: lal, iizukanao #2 and #39.
		{"undefined and unsupported in metadata", join(saysPublish, said(18, 0, sessionBody("onMetaData", sessionObject("a", amf.Undefined{}, "b", amf.Unsupported{}))...)),
			[]string{connected, published, "metadata with 2 properties", ended}},
		{"typed object in metadata", join(saysPublish, said(18, 0, sessionBody("onMetaData", &amf.Object{Class: "C"})...)),
			[]string{connected, published, "metadata with 0 properties", ended}},
		{"movie clip", join(saysConnect, command("04")),
			[]string{connected, "error: command message, byte 0: amf: byte 19: reserved type marker"}},
		{"record set", join(saysConnect, command("0e")),
			[]string{connected, "error: command message, byte 0: amf: byte 19: reserved type marker"}},
		{"marker 0x12", join(saysConnect, command("12")),
			[]string{connected, "error: command message, byte 0: amf: byte 19: unknown type marker"}},
		{"marker 0x20 in an AMF3 command", join(saysConnect, amf3Command("20")),
			[]string{connected, "error: command (AMF3) message, byte 1: amf: byte 0: unknown type marker"}},
		{"reference to nothing", join(saysConnect, command("07 0005")),
			[]string{connected, "error: command message, byte 0: amf: byte 22: reference to nothing"}},
		{"AMF3 reference to nothing", join(saysConnect, command("11 0a 08")),
			[]string{connected, "error: command message, byte 0: amf: byte 22: reference to nothing"}},

		// Tiny media payloads: lal, and a server with 2 to 4 bytes of video.
		{"media of 0 to 5 bytes", join(saysPublish, said(9, 0), said(9, 1, 0x17), said(9, 2, 0x17, 0), said(9, 3, 0x17, 1, 0), said(9, 4, 0x17, 1, 0, 0), said(9, 5, 0x17, 1, 0, 0, 0),
			said(8, 6), said(8, 7, 0xAF), said(8, 8, 0xAF, 0), said(8, 9, 0xAF, 1)),
			[]string{connected, published, "video at 1: flv: video tag header ends too early", "video at 2: flv: video tag header ends too early", "video at 3: flv: video tag header ends too early", "video at 4: flv: video tag header ends too early", "video at 5: H.264, key frame, coded frames, 0 bytes", "audio at 7: flv: audio tag header ends too early", "audio at 8: AAC, sequence header, 0 bytes", "audio at 9: AAC, coded frames, 0 bytes", ended}},
		{"enhanced video of 1 to 5 bytes", join(saysPublish, said(9, 1, 0x90), said(9, 2, 0x90, 'h'), said(9, 4, 0x90, 'h', 'v', 'c'), said(9, 5, 0x90, 'h', 'v', 'c', '1')),
			[]string{connected, published, "video at 1: flv: enhanced header ends too early", "video at 2: flv: enhanced header ends too early", "video at 4: flv: enhanced header ends too early", "video at 5: HEVC, key frame, sequence header, 0 bytes", ended}},
		{"ModEx that ends in itself", join(saysPublish, said(9, 1, 0x97), said(9, 2, 0x97, 0xFF), said(9, 3, 0x97, 0xFF, 0xFF, 0xFF, 0)),
			[]string{connected, published, "video at 1: flv: ModEx prefix ends too early", "video at 2: flv: ModEx prefix ends too early", "video at 3: flv: ModEx prefix ends too early", ended}},
		{"aggregate of 10 bytes and one that lies", join(saysPublish, said(22, 0, data(10)...), said(22, 0, 9, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0x17)),
			[]string{connected, published, ended}},

		// Bad codec headers: lal #116, gomedia #142, ZLM #4781 and #4788, mediamtx #1459 and #1819. They are passed on as
		// they are; more of them are badConfigurations, for those who do look into them.
		{"AVC configuration of 0, 1 and 4 bytes", join(saysPublish, said(9, 0, 0x17, 0, 0, 0, 0), said(9, 0, 0x17, 0, 0, 0, 0, 1), said(9, 0, 0x17, 0, 0, 0, 0, 1, 100, 0, 31)),
			[]string{connected, published, "video at 0: H.264, key frame, sequence header, 0 bytes", "video at 0: H.264, key frame, sequence header, 1 bytes", "video at 0: H.264, key frame, sequence header, 4 bytes", ended}},
		{"AVC configuration that lies of its SPS", join(saysPublish, said(9, 0, unhex("17 00 000000 01 64 00 1f ff ff ffff 67")...)),
			[]string{connected, published, "video at 0: H.264, key frame, sequence header, 9 bytes", ended}},
		{"HEVC configuration cut in its arrays", join(saysPublish, said(9, 0, append([]byte("\x90hvc1\x01"), unhex("0160000000 9000000000 00 78 f000 fcfdf8f8 00 00 0f 04 a0 0001 ffff")...)...)),
			[]string{connected, published, "video at 0: HEVC, key frame, sequence header, 28 bytes", ended}},
		{"AV1 configuration of 1 byte", join(saysPublish, said(9, 0, []byte("\x90av01\x81")...)),
			[]string{connected, published, "video at 0: AV1, key frame, sequence header, 1 bytes", ended}},
		{"AAC configuration of 0 and 1 byte", join(saysPublish, said(8, 0, 0xAF, 0), said(8, 0, 0xAF, 0, 0xFF)),
			[]string{connected, published, "audio at 0: AAC, sequence header, 0 bytes", "audio at 0: AAC, sequence header, 1 bytes", ended}},

		// Window and acknowledgement values: lal, ZLM #1839, ireader/media-server #235.
		{"window of 0, 1 and 4294967295", join(saysPublish, said(5, 0, uint32Bytes(0)...), said(8, 1, 0xAF, 1, 1), said(5, 0, uint32Bytes(1)...), said(8, 2, 0xAF, 1, 2), said(5, 0, uint32Bytes(1<<32-1)...), said(8, 3, 0xAF, 1, 3)),
			[]string{connected, published, "audio at 1: AAC, coded frames, 1 bytes", "audio at 2: AAC, coded frames, 1 bytes", "audio at 3: AAC, coded frames, 1 bytes", ended}},
		{"window and bandwidth of 3 bytes", join(saysConnect, said(5, 0, 0, 0, 1), said(6, 0, 0, 0, 1)),
			[]string{connected}},
		{"acknowledgement of more than was sent", join(saysConnect, said(3, 0, uint32Bytes(1<<32-1)...), said(3, 0, 1)),
			[]string{connected}},

		// Timestamp arithmetic: xiu #17 and #25.
		{"timestamps that go back", join(saysPublish, said(8, 1000, 0xAF, 1, 1), said(8, 0, 0xAF, 1, 2), said(8, 500, 0xAF, 1, 3)),
			[]string{connected, published, "audio at 1000: AAC, coded frames, 1 bytes", "audio at 0: AAC, coded frames, 1 bytes", "audio at 500: AAC, coded frames, 1 bytes", ended}},
		{"timestamps that wrap", join(saysPublish, said(8, 1<<32-1, 0xAF, 1, 1), said(8, 10, 0xAF, 1, 2)),
			[]string{connected, published, "audio at 4294967295: AAC, coded frames, 1 bytes", "audio at 10: AAC, coded frames, 1 bytes", ended}},
		{"delta that wraps", join(saysPublish, said(8, 1<<32-1, 0xAF, 1, 1), []byte{0x83, 0, 0, 20, 0xAF, 1, 2}),
			[]string{connected, published, "audio at 4294967295: AAC, coded frames, 1 bytes", "audio at 19: AAC, coded frames, 1 bytes", ended}},
		{"delta of 4294967295", join(saysPublish, said(8, 7, 0xAF, 1, 1), []byte{0x83, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xAF, 1, 2}),
			[]string{connected, published, "audio at 7: AAC, coded frames, 1 bytes", "audio at 6: AAC, coded frames, 1 bytes", ended}},

		// Lifetime on publish and unpublish: SRS #4417, #4290, #4429 and #4483, nginx-rtmp #470 and #1147.
		{"published and stopped in every way", join(saysPublish, called("deleteStream", nil, 1.0), called("publish", nil, "cam"), called("closeStream", nil),
			called("publish", nil, "cam"), called("FCUnpublish", nil, "cam"), called("publish", nil, "cam"), called("publish", nil, false), called("publish", nil, "cam")),
			[]string{connected, published, "stop: deleteStream", published, "stop: closeStream", published, "stop: FCUnpublish", published, "stop: publish(false)", published, ended}},
		{"stopped twice and media behind it", join(saysPublish, called("deleteStream", nil, 1.0), called("deleteStream", nil, 1.0), called("FCUnpublish", nil, "cam"), said(9, 0, data(20)...)),
			[]string{connected, published, "stop: deleteStream"}},
		{"published twice", join(saysPublish, called("publish", nil, "other"), called("play", nil, "cam")),
			[]string{connected, published, "refused NetStream.Publish.BadName: this connection already publishes or plays", "refused NetStream.Play.Failed: this connection already publishes or plays", ended}},
		{"connected twice", join(saysConnect, saysConnect),
			[]string{connected, "refused NetConnection.Connect.Rejected: already connected"}},
		{"publish and play before connect", join(called("publish", nil, "cam"), called("play", nil, "cam"), called("closeStream", nil)),
			[]string{"refused NetStream.Publish.Failed: publish before connect", "refused NetStream.Play.Failed: play before connect"}},

		// Other libraries: livekit/ingress #80, c-bata/rtmp #1, and the confusion of sizes of FFmpeg CVE-2016-10190 and 10192.
		{"chunk stream that begins in the middle", join(saysConnect, []byte{0xC7, 1, 2, 3}),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 7: first header of a chunk stream has no message length"}},
		{"chunk stream that begins with a delta", join(saysConnect, []byte{0x87, 0, 0, 1, 2, 3}),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 7: first header of a chunk stream has no message length"}},
		{"65 chunk streams", join(saysConnect, manyChunkStreams(65)),
			[]string{connected, "error: rtmp chunk at byte 875, chunk stream 73: too many chunk streams: more than 64"}},
		{"message of 16777215 bytes", join(saysConnect, []byte{7, 0, 0, 0, 0xFF, 0xFF, 0xFF, 9, 1, 0, 0, 0}, data(128)),
			[]string{connected, "error: rtmp chunk at byte 47, chunk stream 7: message too large: 16777215 bytes, at most 8388608 are accepted"}},
		{"types that nobody knows", join(saysConnect, said(0, 0, 1), said(7, 0, 1), said(99, 0, 1), said(255, 0, 1), called("publish", nil, "cam")),
			[]string{connected, published, ended}},
	}
}

func manyChunkStreams(n int) (stream []byte) {
	for i := range n {
		stream = chunk.AppendType0(stream, &chunk.Message{ChunkStream: 10 + uint32(i), Type: 8, Payload: []byte{0xAF}}, chunk.DefaultChunkSize)
	}
	return stream
}

// shaken is what a client says with a handshake before it.
func shaken(says []byte) []byte { return slices.Concat(bytes.Repeat([]byte{3}, handshakeServer), says) }

// knownBugStreams are the inputs as seeds of fuzzers.
func knownBugStreams() (streams [][]byte) {
	for _, bug := range knownBugs() {
		if len(bug.says) < 64<<10 { // a longer one makes a fuzzer slow, and its own limit is reached with less
			streams = append(streams, shaken(bug.says))
		}
	}
	return streams
}

// TestKnownBugs lets a server hear what has hurt others, and wants a clear error, or to go on.
func TestKnownBugs(t *testing.T) {
	for _, bug := range knownBugs() {
		t.Run(bug.name, func(t *testing.T) {
			stream := shaken(bug.says)
			for _, cuts := range [][]byte{nil, {3}, {200, 1}} {
				got := serverHears(t, answerAccept, chunk.Limits{}, session.ServerConfig{}, stream, cuts)
				require.Equal(t, bug.want, got.lines())
			}
			bareServer.require(t, stream)
			for _, command := range []string{"publish", "play"} {
				clientHears(t, command, chunk.Limits{}, stream, nil)
			}
			bareClient.require(t, stream)
		})
	}
}

// TestKnownBugsHurtNobody lets a whole server hear the same, while somebody waits for the stream over HTTP, for which it is taken
// apart. A publisher and its viewer beside them lose nothing.
func TestKnownBugsHurtNobody(t *testing.T) {
	s := startLive(t)
	publisher := s.publish(t, "honest")
	viewer, err := client.Play(t.Context(), s.url("honest"), client.Config{})
	require.NoError(t, err)
	defer viewer.Close()
	sent := uint32(0)
	goOn := func() {
		t.Helper()
		sent += 40
		frame := binary.BigEndian.AppendUint32([]byte{0x17, 1, 0, 0, 0}, sent)
		require.NoError(t, publisher.WriteMedia(message.TypeVideo, sent, frame))
		require.NoError(t, viewer.SetReadDeadline(time.Now().Add(patience)))
		for {
			m, err := viewer.Read()
			require.NoError(t, err)
			if m.Type == message.TypeVideo {
				require.Equal(t, frame, m.Payload)
				return
			}
		}
	}
	var flvCame, mp4Came lockedText
	for _, bug := range knownBugs() {
		s.watch(t, "cam.flv", &flvCame) // and all those of before who still wait
		s.watch(t, "cam.mp4", &mp4Came)
		s.hear(t, shaken(bug.says))
		goOn()
	}
	came := func(text *lockedText, what string) func() bool {
		return func() bool { return strings.Contains(text.String(), what) }
	}
	// Once a second those who cannot be served are told, if it is still so.
	cam := s.publish(t, "cam")
	require.NoError(t, cam.WriteMedia(message.TypeVideo, 0, []byte{0x17, 0, 0, 0, 0, 1}))
	require.Eventually(t, came(&mp4Came, "sequence header that cannot be understood"), patience, time.Millisecond)
	// A stream that was over at once may have been seen by nobody. This one goes on.
	require.NoError(t, cam.WriteMedia(message.TypeVideo, 40, []byte{0x17, 1, 0, 0, 0, 1}))
	require.Eventually(t, came(&flvCame, "FLV\x01"), patience, time.Millisecond)
}
