package session

import (
	"errors"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// Client is the client's side of one connection. It publishes or plays one stream at a time.
type Client struct {
	config  ClientConfig
	handler ClientHandler
	parser  message.Parser
	data    dataReader
	writer  *chunk.Writer // of audio and video, which have chunk streams of their own

	in         inbound
	out        outbound
	ping       ping
	windowSent uint32 // the window that the server was asked to acknowledge by

	calls     calls
	connected bool
	stream    clientStream
	closed    bool
}

// Errors of what a client is asked to send.
var (
	ErrNotPublishing = errors.New("rtmp/session: not publishing")
	ErrTooLong       = errors.New("rtmp/session: payload is longer than an RTMP message can be")
	ErrBusy          = errors.New("rtmp/session: connection already publishes or plays")
)

// payloadBytesMax is what the 24-bit message length can say.
const payloadBytesMax = 1<<24 - 1

// NewClient returns the session of a connection whose handshake is done.
func NewClient(c ClientConfig, h ClientHandler) *Client {
	c = c.withDefaults()
	return &Client{
		config:  c,
		handler: h,
		parser:  message.Parser{Limits: c.AMF},
		data:    dataReader{limits: c.AMF},
		writer:  chunk.NewWriter(),
		out:     newOutbound(clientChannels),
	}
}

// Handle takes in one message of the server. Its payload, which is of ClientConfig.Memory, belongs to the session from
// here on, whatever Handle returns. An error means that the connection is to be closed.
func (c *Client) Handle(m *chunk.Message) error {
	if c.closed {
		c.config.Memory.Free(m.Payload)
		return nil
	}
	if isMedia(m.Type) {
		c.media(m)
		return nil
	}
	err := c.handle(m)
	c.config.Memory.Free(m.Payload)
	if err == nil {
		err = c.out.takeErr()
	}
	return err
}

func (c *Client) handle(m *chunk.Message) error {
	parsed, err := c.parser.Parse(m)
	if err != nil {
		if isCommand(m.Type) && !isNameless(err) {
			return err
		}
		return nil
	}
	switch parsed := parsed.(type) {
	case *message.WindowAckSize:
		c.in.setWindow(parsed.Size)
	case *message.SetPeerBandwidth:
		c.setWindow(parsed.Size)
	case *message.UserControl:
		userControl(parsed, &c.ping, &c.out)
	case *message.Data:
		c.dataMessage(m, parsed)
	case *message.Aggregate:
		if c.stream.plays() {
			splitAggregate(parsed, c.config.Memory, c.inner)
		}
	case *message.Command:
		c.command(m.StreamID, parsed)
	}
	return nil
}

// setWindow tells the server what window it is to acknowledge by, which is also how Set Peer Bandwidth is answered when
// the window changes by it (RTMP 1.0 §5.4.5).
func (c *Client) setWindow(size uint32) {
	if size != 0 && size != c.windowSent {
		c.windowSent = size
		c.out.control(&message.WindowAckSize{Size: size})
	}
}

// Received tells the session how many bytes have come in since the handshake, and queues an acknowledgement when one is
// due. Once per read is often enough.
func (c *Client) Received(total uint64) {
	if !c.closed {
		c.in.received(total, &c.out)
	}
}

// Window is after how many received bytes the server wants an acknowledgement; 0 means never.
func (c *Client) Window() uint64 { return c.in.window }

// Output is what is to be sent to the server, in chunks. It is valid until the next call of any other method.
func (c *Client) Output() []byte { return c.out.queued() }

// ClearOutput forgets what Output returned; its memory is used again.
func (c *Client) ClearOutput() { c.out.clear() }

// Ping queues a ping request; timestamp, in milliseconds of the owner's clock, comes back in the answer.
func (c *Client) Ping(timestamp uint32) {
	c.out.userControl(message.UserControl{Event: message.EventPingRequest, Timestamp: timestamp})
}

// LastPong is the timestamp of the last answer to a ping, and how many answers there have been.
func (c *Client) LastPong() (timestamp uint32, count uint64) { return c.ping.timestamp, c.ping.pongs }

// Close ends the session of a closed connection. The handler is not called any more.
func (c *Client) Close() {
	c.closed = true
	c.stream = clientStream{}
	c.ClearOutput()
}
