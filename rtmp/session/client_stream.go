package session

import (
	"errors"
	"strings"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// clientStream is what the client publishes or plays.
type clientStream struct {
	command string // "publish" or "play"; "" when there is nothing to do
	key     string
	asked   bool   // createStream was sent
	id      uint32 // message stream; 0 before the server has created it
	started bool   // the server said so
}

func (s *clientStream) plays() bool { return s.command == "play" && s.id != 0 }

// Publish asks for the stream key to be published, at once or when the server has accepted connect. The key may carry
// a query. The calls before publish itself are those of a Flash Media Live Encoder; some services insist on them.
func (c *Client) Publish(key string) error { return c.begin("publish", key) }

// Play asks for the stream key to be played, at once or when the server has accepted connect. The key may carry a query.
func (c *Client) Play(key string) error { return c.begin("play", key) }

func (c *Client) begin(command, key string) error {
	if c.stream.command != "" {
		return ErrBusy
	}
	c.stream = clientStream{command: command, key: key}
	c.createStream()
	return nil
}

func (c *Client) createStream() {
	if !c.connected || c.stream.command == "" || c.stream.asked {
		return
	}
	c.stream.asked = true
	if c.stream.command == "publish" {
		c.call(0, "releaseStream", nil, c.stream.key)
		c.call(0, "FCPublish", nil, c.stream.key)
	}
	c.call(0, "createStream", nil)
}

var errStreamID = errors.New("rtmp/session: server answered createStream without a stream id")

func (c *Client) onStreamCreated(m *message.Command) {
	if !c.stream.asked || c.stream.id != 0 {
		// The stream was stopped while it was being created.
		if id, ok := m.Number(0); ok {
			c.out.call(0, "deleteStream", 0, nil, id)
		}
		return
	}
	if len(m.Arguments) > 0 {
		c.stream.id, _ = asStreamID(m.Arguments[0])
	}
	if c.stream.id == 0 {
		c.stream = clientStream{}
		c.handler.OnError(errStreamID)
		return
	}
	if c.stream.command == "publish" {
		c.call(c.stream.id, "publish", nil, c.stream.key, "live")
		return
	}
	c.call(c.stream.id, "play", nil, c.stream.key, float64(-2))
	c.out.userControl(message.UserControl{
		Event: message.EventSetBufferLength, StreamID: c.stream.id, BufferLength: c.config.BufferLength,
	})
}

// status takes in an onStatus command.
func (c *Client) status(streamID uint32, m *message.Command) {
	if len(m.Arguments) == 0 {
		return
	}
	status, ok := message.StatusOf(m.Arguments[0])
	if !ok {
		return
	}
	switch {
	case status.Level == message.LevelError && c.concerns(status):
		refusal := &RefusedError{During: c.stream.command, Status: status}
		if !c.connected {
			refusal.During = "connect"
		}
		c.stream = clientStream{}
		c.handler.OnError(refusal)
	case status.Code == CodePublishStart && c.stream.command == "publish" && c.stream.id != 0 && !c.stream.started:
		c.stream.started = true
		c.handler.OnPublishStart(c.stream.id)
	case status.Code == CodePlayStart && c.stream.plays() && !c.stream.started:
		c.stream.started = true
		c.handler.OnPlayStart(c.stream.id)
	default:
		c.handler.OnStatus(Notice{StreamID: streamID, Status: status, Properties: message.Properties(m.Arguments[0])})
	}
}

// concerns reports whether an error is news: one about a stream that the client has left is not.
func (c *Client) concerns(s message.Status) bool {
	return c.stream.command != "" || !strings.HasPrefix(s.Code, "NetStream.")
}

// SendMedia queues an audio (8) or video (9) message; timestamp is in milliseconds. The payload is copied.
func (c *Client) SendMedia(messageType uint8, timestamp uint32, payload []byte) error {
	if !c.stream.started || c.stream.command != "publish" {
		return ErrNotPublishing
	}
	if len(payload) > payloadBytesMax {
		return ErrTooLong
	}
	memory := c.out.room()
	m := &memory.message
	m.ChunkStream = chunkStreamAudio
	if messageType == message.TypeVideo {
		m.ChunkStream = chunkStreamVideo
	}
	m.Type, m.StreamID, m.Timestamp, m.Payload = messageType, c.stream.id, timestamp, payload
	memory.queue = c.writer.Append(memory.queue, m)
	m.Payload = nil
	return nil
}

// SendMetadata queues @setDataFrame with the description of the stream, an [*amf.Object] or [*amf.ECMAArray].
func (c *Client) SendMetadata(timestamp uint32, description any) error {
	body, err := amf.Append(amf.AppendString(nil, message.NameOnMetaData), description)
	if err != nil {
		return err
	}
	return c.SendData(timestamp, body, true)
}

// SendData queues a data message: a name and values in AMF0. setDataFrame asks the server to keep it for those who come
// later.
func (c *Client) SendData(timestamp uint32, body []byte, setDataFrame bool) error {
	if !c.stream.started || c.stream.command != "publish" {
		return ErrNotPublishing
	}
	if len(body) > payloadBytesMax/2 {
		return ErrTooLong
	}
	c.out.sendAt(c.out.data, c.stream.id, timestamp, &message.Data{Body: body, SetDataFrame: setDataFrame})
	return c.out.takeErr()
}

// Stop ends publishing or playing, also before it has begun, and leaves the connection open for another stream.
func (c *Client) Stop() {
	stopped := c.stream
	c.stream = clientStream{}
	if stopped.id == 0 {
		return
	}
	if stopped.command == "publish" {
		c.call(0, "FCUnpublish", nil, stopped.key)
	}
	c.out.call(0, "deleteStream", 0, nil, float64(stopped.id))
}

// media takes in an audio or video message and owns its payload.
func (c *Client) media(m *chunk.Message) {
	if len(m.Payload) == 0 || !c.stream.plays() {
		c.config.Memory.Free(m.Payload)
		return
	}
	c.handler.OnMedia(c.stream.id, m.Type, m.Timestamp, m.Payload)
}

// inner takes in a message that came inside an aggregate, and owns its payload.
func (c *Client) inner(m *chunk.Message) {
	if isMedia(m.Type) {
		c.media(m)
		return
	}
	_ = c.handle(m) // a data message, which cannot fail
	c.config.Memory.Free(m.Payload)
}

func (c *Client) dataMessage(m *chunk.Message, d *message.Data) {
	if !c.stream.plays() {
		return
	}
	data, err := c.data.read(m, d)
	if err != nil {
		return
	}
	switch d.Name {
	case message.NameOnMetaData, message.NameClearDataFrame:
		c.handler.OnMetadata(c.stream.id, data.metadata())
	default:
		c.handler.OnData(c.stream.id, data)
	}
}
