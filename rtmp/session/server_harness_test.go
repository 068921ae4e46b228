package session_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// countedMemory notices a payload that is freed twice, or never.
type countedMemory struct {
	t   testing.TB
	out map[*byte]bool // buffers that somebody has
}

func (m *countedMemory) Alloc(n int) []byte {
	b := make([]byte, n, n+1)
	m.out[&b[:1][0]] = true
	return b
}

func (m *countedMemory) Free(b []byte) {
	key := &b[:1][0]
	require.True(m.t, m.out[key], "freed what nobody has")
	delete(m.out, key)
}

// testServer is a server session with a client that is a test. It notes in lines what the session tells its handler
// (! …) and its client (< …).
type testServer struct {
	t testing.TB
	*session.Server
	memory *countedMemory
	reader *chunk.Reader
	lines  []string
	// metadata is the body of the newest metadata.
	metadata []byte

	// What the handler does; nil accepts at once.
	onConnect func(session.Connect)
	onPublish func(session.Publish)
	onPlay    func(session.Play)
	onMedia   func()
	onData    func(session.Data) // in place of what is noted
}

func newTestServer(t testing.TB, c session.ServerConfig) *testServer {
	s := &testServer{t: t, memory: &countedMemory{t: t, out: map[*byte]bool{}}}
	c.Memory = s.memory
	s.Server = session.NewServer(c, s)
	s.reader = chunk.NewReader(chunk.ReaderConfig{})
	t.Cleanup(func() {
		s.Close()
		require.Empty(t, s.memory.out, "payloads that nobody freed")
	})
	return s
}

// connected is a server whose client has connected to the app "live".
func connected(t testing.TB) *testServer {
	s := newTestServer(t, session.ServerConfig{})
	s.call(0, "connect", 1, object("app", "live"))
	s.drain()
	s.lines = nil
	return s
}

func object(pairs ...any) *amf.Object {
	o := &amf.Object{}
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (s *testServer) OnConnect(c session.Connect) {
	s.note(fmt.Sprintf("! connect app=%s query=%s tcUrl=%s flashVer=%s encoding=%v%s",
		c.App, c.Query, c.TcURL, c.FlashVer, c.ObjectEncoding, describeCapabilities(c.Capabilities)))
	if s.onConnect != nil {
		s.onConnect(c)
		return
	}
	require.True(s.t, s.AcceptConnect())
}

func (s *testServer) OnPublish(p session.Publish) {
	s.note(fmt.Sprintf("! publish %d key=%s query=%s mode=%s", p.StreamID, p.Key, p.Query, p.Mode))
	if s.onPublish != nil {
		s.onPublish(p)
		return
	}
	require.True(s.t, s.AcceptPublish(p.Request))
}

func (s *testServer) OnPlay(p session.Play) {
	s.note(fmt.Sprintf("! play %d key=%s query=%s start=%v duration=%v reset=%v",
		p.StreamID, p.Key, p.Query, p.Start, p.Duration, p.Reset))
	if s.onPlay != nil {
		s.onPlay(p)
		return
	}
	require.True(s.t, s.AcceptPlay(p.Request))
}

func (s *testServer) OnStop(streamID uint32, reason session.StopReason) {
	s.note(fmt.Sprintf("! stop %d %v", streamID, reason))
}

func (s *testServer) OnMedia(streamID uint32, messageType uint8, timestamp uint32, payload []byte) {
	s.note(fmt.Sprintf("! %d %s at %d, %d bytes", streamID, message.TypeName(messageType), timestamp, len(payload)))
	s.memory.Free(payload)
	if s.onMedia != nil {
		s.onMedia()
	}
}

func (s *testServer) OnMetadata(streamID uint32, m session.Metadata) {
	if m.Cleared {
		s.note(fmt.Sprintf("! %d metadata cleared", streamID))
		require.Empty(s.t, m.Body)
		return
	}
	s.note(fmt.Sprintf("! %d metadata at %d {%s}", streamID, m.Timestamp, describeProperties(m.Properties)))
	s.metadata = slices.Clone(m.Body)
	values, err := amf.DecodeAll(m.Body, amf.Limits{})
	require.NoError(s.t, err)
	require.Equal(s.t, "onMetaData", values[0])
	if len(values) > 1 {
		require.Equal(s.t, m.Properties, message.Properties(values[1]))
	}
}

func (s *testServer) OnData(streamID uint32, d session.Data) {
	if s.onData != nil {
		s.onData(d)
		return
	}
	s.note(fmt.Sprintf("! %d data %s at %d%s", streamID, d.Name, d.Timestamp, describeValues(d.Values)))
	values, err := amf.DecodeAll(d.Body, amf.Limits{})
	require.NoError(s.t, err)
	require.Equal(s.t, append([]any{d.Name}, d.Values...), values)
}

// note writes down what the handler is told, behind what the client was told before.
func (s *testServer) note(line string) {
	s.drain()
	s.lines = append(s.lines, line)
}

// drain notes what the session has for its client.
func (s *testServer) drain() {
	err := s.reader.Feed(s.Output(), func(m *chunk.Message) error {
		s.lines = append(s.lines, "< "+describe(s.t, m))
		return nil
	})
	require.NoError(s.t, err)
	s.ClearOutput()
}

// raw gives the session a message whose payload is copied into its memory.
func (s *testServer) raw(m chunk.Message) error {
	payload := s.memory.Alloc(len(m.Payload))
	copy(payload, m.Payload)
	m.Payload = payload
	return s.Handle(&m)
}

// send gives the session a message.
func (s *testServer) send(streamID, timestamp uint32, m message.Message) {
	s.t.Helper()
	body, err := m.AppendBody(nil)
	require.NoError(s.t, err)
	require.NoError(s.t, s.raw(chunk.Message{Type: m.Type(), StreamID: streamID, Timestamp: timestamp, Payload: body}))
	s.drain()
}

// call gives the session a command.
func (s *testServer) call(streamID uint32, name string, transaction float64, values ...any) {
	s.t.Helper()
	c := &message.Command{Name: name, Transaction: transaction}
	if len(values) > 0 {
		c.Object, c.Arguments = values[0], values[1:]
	}
	s.send(streamID, 0, c)
}

// want compares all that has happened since it was last called.
func (s *testServer) want(lines ...string) {
	s.t.Helper()
	s.drain()
	if len(lines) == 0 {
		require.Empty(s.t, s.lines)
		return
	}
	require.Equal(s.t, lines, s.lines)
	s.lines = nil
}

// data is a data message of values.
func data(t testing.TB, messageType uint8, streamID uint32, values ...any) chunk.Message {
	t.Helper()
	var body []byte
	for _, v := range values {
		var err error
		body, err = amf.Append(body, v)
		require.NoError(t, err)
	}
	return chunk.Message{Type: messageType, StreamID: streamID, Timestamp: 40, Payload: body}
}
