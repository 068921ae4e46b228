package session_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// testClient is a client session with a server that is a test. It notes in lines what the session tells its handler
// (! …) and its server (> …).
type testClient struct {
	t testing.TB
	*session.Client
	memory *countedMemory
	reader *chunk.Reader
	lines  []string

	onConnected    func()
	onPublishStart func()
	errors         []error
}

func newTestClient(t testing.TB, config session.ClientConfig) *testClient {
	c := &testClient{t: t, memory: &countedMemory{t: t, out: map[*byte]bool{}}}
	config.App, config.TcURL, config.Memory = "live", "rtmp://h/live", c.memory
	c.Client = session.NewClient(config, c)
	c.reader = chunk.NewReader(chunk.ReaderConfig{})
	t.Cleanup(func() {
		c.Close()
		require.Empty(t, c.memory.out, "payloads that nobody freed")
	})
	return c
}

func (c *testClient) OnConnected(x session.Connected) {
	c.note(fmt.Sprintf("! connected %s %q%s", x.Code, x.FMSVer, describeCapabilities(x.Capabilities)))
	if c.onConnected != nil {
		c.onConnected()
	}
}

func (c *testClient) OnPublishStart(streamID uint32) {
	c.note(fmt.Sprintf("! publish start %d", streamID))
	if c.onPublishStart != nil {
		c.onPublishStart()
	}
}

func (c *testClient) OnPlayStart(streamID uint32) { c.note(fmt.Sprintf("! play start %d", streamID)) }

func (c *testClient) OnStatus(n session.Notice) {
	c.note(fmt.Sprintf("! %d status {%s}", n.StreamID, describeProperties(n.Properties)))
}

func (c *testClient) OnError(err error) {
	c.errors = append(c.errors, err)
	c.note("! error " + err.Error())
}

func (c *testClient) OnMedia(streamID uint32, messageType uint8, timestamp uint32, payload []byte) {
	c.note(fmt.Sprintf("! %d %s at %d, %d bytes", streamID, message.TypeName(messageType), timestamp, len(payload)))
	c.memory.Free(payload)
}

func (c *testClient) OnMetadata(streamID uint32, m session.Metadata) {
	c.note(fmt.Sprintf("! %d metadata at %d {%s}", streamID, m.Timestamp, describeProperties(m.Properties)))
}

func (c *testClient) OnData(streamID uint32, d session.Data) {
	c.note(fmt.Sprintf("! %d data %s%s", streamID, d.Name, describeValues(d.Values)))
}

func (c *testClient) note(line string) {
	c.drain()
	c.lines = append(c.lines, line)
}

func (c *testClient) drain() {
	err := c.reader.Feed(c.Output(), func(m *chunk.Message) error {
		c.lines = append(c.lines, "> "+describe(c.t, m))
		return nil
	})
	require.NoError(c.t, err)
	c.ClearOutput()
}

func (c *testClient) raw(m chunk.Message) error {
	payload := c.memory.Alloc(len(m.Payload))
	copy(payload, m.Payload)
	m.Payload = payload
	err := c.Handle(&m)
	c.drain()
	return err
}

func (c *testClient) send(streamID, timestamp uint32, m message.Message) {
	c.t.Helper()
	body, err := m.AppendBody(nil)
	require.NoError(c.t, err)
	require.NoError(c.t, c.raw(chunk.Message{Type: m.Type(), StreamID: streamID, Timestamp: timestamp, Payload: body}))
}

func (c *testClient) call(streamID uint32, name string, transaction float64, values ...any) {
	c.t.Helper()
	m := &message.Command{Name: name, Transaction: transaction}
	if len(values) > 0 {
		m.Object, m.Arguments = values[0], values[1:]
	}
	c.send(streamID, 0, m)
}

func (c *testClient) onStatus(streamID uint32, level, code string) {
	c.t.Helper()
	c.call(streamID, "onStatus", 0, nil, message.Status{Level: level, Code: code, Description: "why"}.Object())
}

func (c *testClient) want(lines ...string) {
	c.t.Helper()
	c.drain()
	if len(lines) == 0 {
		require.Empty(c.t, c.lines)
		return
	}
	require.Equal(c.t, lines, c.lines)
	c.lines = nil
}

// connectedClient is a client whose connect was accepted.
func connectedClient(t testing.TB) *testClient {
	c := newTestClient(t, session.ClientConfig{})
	c.Start()
	c.call(0, "_result", 1, nil, message.Status{Level: "status", Code: session.CodeConnectSuccess}.Object())
	c.lines = nil
	return c
}

// publishingClient is a client that publishes on stream 1.
func publishingClient(t testing.TB) *testClient {
	c := connectedClient(t)
	require.NoError(t, c.Publish("cam"))
	c.call(0, "_result", 4, nil, 1.0)
	c.onStatus(1, "status", session.CodePublishStart)
	c.drain()
	c.lines = nil
	return c
}

var description = &amf.ECMAArray{Properties: []amf.Property{{Name: "width", Value: 640.0}}}
