package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/bench/stream"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// script is all that a client says in a conversation, to be cut off anywhere. The server's answers need not be waited for:
// it gives out stream id 1 first, and looks neither into C2 nor for patience.
type script struct {
	bytes  []byte
	states []int // how many bytes bring the conversation into each of its states
}

const (
	packetBytes = 1536            // C1 and C2
	helloBytes  = 1 + packetBytes // C0 and C1
	frameEvery  = 33              // ms
)

// hello is the handshake: nothing, half of C0 and C1, C0 and C1, all.
func hello(r *rand.Rand) *script {
	s := &script{bytes: make([]byte, helloBytes+packetBytes)}
	s.bytes[0] = 3
	for i := 9; i < helloBytes; i++ { // behind time and version, which is none
		s.bytes[i] = byte(r.Uint32())
	}
	s.states = []int{0, helloBytes / 2, helloBytes, len(s.bytes)}
	return s
}

// say appends a message and notes two states: in the middle of it and behind it.
func (s *script) say(w *chunk.Writer, m *chunk.Message) {
	begin := len(s.bytes)
	s.bytes = w.Append(s.bytes, m)
	s.states = append(s.states, (begin+len(s.bytes))/2, len(s.bytes))
}

func (s *script) command(w *chunk.Writer, streamID uint32, name string, transaction float64, object any, arguments ...any) {
	c := message.Command{Name: name, Transaction: transaction, Object: object, Arguments: arguments}
	body, err := c.AppendBody(nil)
	if err != nil {
		panic(err)
	}
	s.say(w, &chunk.Message{ChunkStream: 3, Type: message.TypeCommandAMF0, StreamID: streamID, Payload: body})
}

func (s *script) connect(w *chunk.Writer, app string) {
	s.command(w, 0, "connect", 1, &amf.Object{Properties: []amf.Property{{Name: "app", Value: app}}})
	s.command(w, 0, "createStream", 2, nil)
}

// playScript plays a stream and asks for nothing else.
func playScript(r *rand.Rand, app, key string) *script {
	s, w := hello(r), chunk.NewWriter()
	s.connect(w, app)
	s.command(w, 1, "play", 3, nil, key)
	return s
}

// publishScript publishes some frames and says goodbye.
func publishScript(r *rand.Rand, app, key string) *script {
	s, w := hello(r), chunk.NewWriter()
	s.connect(w, app)
	s.command(w, 1, "publish", 3, nil, key, "live")
	for n := range 20 {
		s.say(w, mediaMessage(r, n))
	}
	s.command(w, 1, "deleteStream", 4, nil, 1.0)
	return s
}

// mediaMessage is the n-th message of a made-up stream: a sequence header, then frames of any size.
func mediaMessage(r *rand.Rand, n int) *chunk.Message {
	body := stream.VideoConfig
	if n > 0 {
		body = make([]byte, 5+r.IntN(4000))
		body[0], body[1] = 0x27, 1
		if n%10 == 1 {
			body[0] = 0x17
		}
	}
	return &chunk.Message{ChunkStream: 6, Type: message.TypeVideo, StreamID: 1, Timestamp: uint32(n * frameEvery), Payload: body}
}

// TestScripts: said at once and without listening, they bring the server as far as they should.
func TestScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	r := rand.New(rand.NewPCG(1, 1))
	for name, said := range map[string]*script{
		"NetStream.Publish.Start": publishScript(r, "live", "k"), "NetStream.Play.Start": playScript(r, "live", "k"),
	} {
		p := newRawPeer(t, s.address())
		p.write(said.bytes)
		p.waitFor(name)
		require.IsIncreasing(t, said.states)
		require.Less(t, len(said.states), 100, strings.TrimSpace(name))
	}
	eventually(t, "all frames came", func() bool {
		for _, line := range s.logged("publisher stopped") {
			if line["packets"] == 20.0 && line["dropped"] == 0.0 {
				return true
			}
		}
		return false
	})
}
