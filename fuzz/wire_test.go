package fuzz

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/session"
)

// wireResult is what came of all that one side of a connection was sent.
type wireResult struct {
	events []string
	err    string
	sent   uint64 // behind the handshake
}

// lines are the events and, if there was one, the error at the end.
func (r wireResult) lines() []string {
	if r.err == "" {
		return r.events
	}
	return append(r.events, "error: "+r.err)
}

// serverHears lets a server hear all that a client sends from the first byte on, in the pieces that cuts asks for.
func serverHears(t *testing.T, answer byte, limits chunk.Limits, config session.ServerConfig, stream, cuts []byte) wireResult {
	c := newHostileClient(t, answer, config)
	w := wire{
		hands: handshake.NewServer(handshake.Config{Random: handshakeRandom(1)}), reader: newWireReader(&c.memory, limits),
		handle: c.session.Handle, received: c.session.Received, start: c.session.Start, listen: c.listen,
	}
	err := w.hear(stream, cuts)
	c.requireBounded(len(stream))
	w.reader.Close()
	c.end()
	requireMemory(t, &c.memory, limits, config.EarlyBytes)
	return wireResult{c.events, err, c.sent}
}

// clientHears lets a client that publishes or plays hear all that a server sends.
func clientHears(t *testing.T, command string, limits chunk.Limits, stream, cuts []byte) wireResult {
	s := newHostileServer(t)
	hands, _ := handshakeClient(handshake.Simple)
	start := func() {
		s.start()
		s.begin(command)
	}
	w := wire{
		hands: hands, reader: newWireReader(&s.memory, limits),
		handle: s.session.Handle, received: s.session.Received, start: start, listen: s.listen,
	}
	err := w.hear(stream, cuts)
	s.requireBounded(len(stream))
	w.reader.Close()
	s.end()
	requireMemory(t, &s.memory, limits, 0)
	return wireResult{s.events, err, s.sent}
}

func newWireReader(memory chunk.Memory, limits chunk.Limits) *chunk.Reader {
	return chunk.NewReader(chunk.ReaderConfig{Memory: memory, Limits: limits})
}

// requireMemory: a payload that grows exists twice, and so does a message that comes inside an aggregate.
func requireMemory(t *testing.T, memory *chunkMemory, limits chunk.Limits, early int) {
	t.Helper()
	if limits.PartialBytesMax > 0 && memory.peak > limits.PartialBytesMax+2*limits.MessageBytesMax+early {
		t.Fatalf("%d bytes of memory", memory.peak)
	}
}

// wire is one side of a connection without a socket, layer above layer as in a server.
type wire struct {
	hands    handshakeSide
	reader   *chunk.Reader
	handle   func(*chunk.Message) error
	received func(total uint64)
	start    func() // when hands are shaken
	listen   func()

	shaken bool
}

// hear takes in a stream in the pieces that cuts asks for, up to the first error.
func (w *wire) hear(stream, cuts []byte) string {
	for i := 0; len(stream) > 0; i++ {
		n := len(stream)
		if len(cuts) > 0 {
			n = min(n, 1+int(cuts[i%len(cuts)])*int(cuts[i%len(cuts)])/8)
		}
		if err := w.take(bytes.Clone(stream[:n])); err != nil {
			return err.Error()
		}
		stream = stream[n:]
	}
	return ""
}

func (w *wire) take(b []byte) error {
	if !w.shaken {
		_, rest, done, err := w.hands.Feed(nil, b)
		if err != nil || !done {
			return err
		}
		w.shaken, b = true, rest
		w.start()
		w.listen()
	}
	err := w.reader.Feed(b, func(m *chunk.Message) error {
		err := w.handle(m)
		w.listen()
		return err
	})
	w.received(w.reader.BytesRead())
	w.listen()
	return err
}

// FuzzServerWire sends a server anything from the first byte on. However the bytes are cut, the same comes of them.
func FuzzServerWire(f *testing.F) {
	for _, stream := range append(recorded(f, "*.client"), knownBugStreams()...) {
		f.Add(byte(answerAccept), stream, []byte{})
		f.Add(byte(answerReject), stream, []byte{3, 200})
	}
	f.Fuzz(func(t *testing.T, answer byte, stream, cuts []byte) {
		if answer %= 5; answer != answerReject && answer != answerNoConnect {
			answer = answerAccept // a decision that is made later would depend on the cuts
		}
		whole := serverHears(t, answer, chunkLimits, sessionLimits, stream, nil)
		pieces := serverHears(t, answer, chunkLimits, sessionLimits, stream, cuts)
		require.Equal(t, whole.lines(), pieces.lines(), "cuts change what happens")
		bareServer.require(t, stream)
	})
}

// FuzzClientWire sends a client anything from the first byte on.
func FuzzClientWire(f *testing.F) {
	for _, stream := range append(recorded(f, "*.server"), knownBugStreams()...) {
		f.Add(true, stream, []byte{})
		f.Add(false, stream, []byte{3, 200})
	}
	f.Fuzz(func(t *testing.T, plays bool, stream, cuts []byte) {
		command := map[bool]string{true: "play", false: "publish"}[plays]
		whole := clientHears(t, command, chunkLimits, stream, nil)
		pieces := clientHears(t, command, chunkLimits, stream, cuts)
		require.Equal(t, whole.lines(), pieces.lines(), "cuts change what happens")
		bareClient.require(t, stream)
	})
}

// recorded are the recorded conversations whose names match a pattern: what one side said.
func recorded(t testing.TB, pattern string) (streams [][]byte) {
	t.Helper()
	files, err := filepath.Glob("testdata/recorded/" + pattern)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 7)
	for _, file := range files {
		stream, err := os.ReadFile(file)
		require.NoError(t, err)
		streams = append(streams, stream)
	}
	return streams
}

// TestRecordedClients lets a server hear what real clients said: all of them are understood to their last byte.
func TestRecordedClients(t *testing.T) {
	for _, file := range recordings(t, "*.client") {
		t.Run(file.name, func(t *testing.T) {
			got := serverHears(t, answerAccept, chunk.Limits{}, session.ServerConfig{}, file.stream, []byte{20, 3})
			require.Empty(t, got.err)
			require.Contains(t, got.events, "connect live?")
			if strings.HasSuffix(file.name, "sink.client") || strings.Contains(file.name, "publish") {
				require.Contains(t, got.events, "publish "+strings.TrimSuffix(file.name, ".client")+"?")
				require.Greater(t, count(got.events, "video at"), 15, "of 20 frames and a sequence header")
				require.Greater(t, count(got.events, "audio at"), 10)
				require.NotZero(t, count(got.events, "metadata with"), "GStreamer describes the stream again and again")
				return
			}
			require.Equal(t, 1, count(got.events, "play "+strings.TrimSuffix(file.name, ".client")+"?"))
		})
	}
}

// TestRecordedServer lets a client hear what the server said to real players.
func TestRecordedServer(t *testing.T) {
	for _, file := range recordings(t, "*.server") {
		t.Run(file.name, func(t *testing.T) {
			plays := strings.Contains(file.name, "play") || strings.Contains(file.name, "src")
			command := map[bool]string{true: "play", false: "publish"}[plays]
			got := clientHears(t, command, chunk.Limits{}, file.stream, []byte{20, 3})
			require.Empty(t, got.err)
			require.Contains(t, got.events, "connected: NetConnection.Connect.Success")
			if strings.Contains(file.name, "rtmp2") {
				return // its calls have other numbers than ours, so we do not take the answers for ours
			}
			require.Contains(t, got.events, command+" start")
			if plays {
				require.Greater(t, count(got.events, "video at"), 15)
				require.Greater(t, count(got.events, "audio at"), 10)
			}
		})
	}
}

type recording struct {
	name   string
	stream []byte
}

func recordings(t *testing.T, pattern string) (list []recording) {
	files, err := filepath.Glob("testdata/recorded/" + pattern)
	require.NoError(t, err)
	for i, stream := range recorded(t, pattern) {
		list = append(list, recording{filepath.Base(files[i]), stream})
	}
	return list
}

func count(lines []string, prefix string) (n int) {
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}
