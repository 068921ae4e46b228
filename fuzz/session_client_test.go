package fuzz

import (
	"errors"
	"fmt"
	"testing"

	"mmids/amf"
	"mmids/flv"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// sessionLimits are small, so that a fuzzer reaches every limit with short inputs.
var sessionLimits = session.ServerConfig{EarlyBytes: 64, AMF: amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096}}

// A sessionClient can be told how the owner of the server session decides.
const (
	answerAccept byte = iota
	answerReject
	answerLater // when decide is called
	_
	answerNoConnect // refuse connect
)

// sessionClient drives a server session and holds it to its promises.
type sessionClient struct {
	t       *testing.T
	session *session.Server
	memory  chunkMemory
	reader  *chunk.Reader // of what the server says
	answer  byte
	begun   int  // OnPublish and OnPlay that OnStop or a refusal has to follow
	started bool // the running one was accepted
	publish bool // and is a publish
	waiting []session.Request

	received, sent uint64
	own            uint64   // bytes of sent that nothing the client said has caused
	events         []string // what has happened, for tests that compare
}

func newSessionClient(t *testing.T, answer byte, config session.ServerConfig) *sessionClient {
	c := &sessionClient{t: t, answer: answer % 5, memory: chunkMemory{out: map[*byte]int{}}, reader: chunk.NewReader(chunk.ReaderConfig{})}
	config.Memory = &c.memory
	c.session = session.NewServer(config, c)
	return c
}

func (c *sessionClient) note(format string, args ...any) {
	c.events = append(c.events, fmt.Sprintf(format, args...))
}

// say gives the session one message.
func (c *sessionClient) say(messageType uint8, streamID, timestamp uint32, body []byte) error {
	payload := c.memory.Alloc(len(body))
	copy(payload, body)
	c.received += uint64(len(body)) + 12
	err := c.session.Handle(&chunk.Message{Type: messageType, StreamID: streamID, Timestamp: timestamp, Payload: payload})
	c.session.Received(c.received)
	c.listen()
	return err
}

// listen reads what the server says, which has to be whole messages, and notes refusals.
func (c *sessionClient) listen() {
	c.sent += uint64(len(c.session.Output()))
	parser := message.Parser{Limits: amf.Limits{Nodes: 1 << 16, Bytes: 1 << 22}}
	err := c.reader.Feed(c.session.Output(), func(m *chunk.Message) error {
		parsed, err := parser.Parse(m)
		if command, ok := parsed.(*message.Command); ok && len(command.Arguments) > 0 {
			if status, ok := message.StatusOf(command.Arguments[0]); ok && status.Level == message.LevelError {
				c.note("refused %s: %s", status.Code, status.Description)
			}
		}
		return err
	})
	if err != nil {
		c.t.Fatalf("client cannot read what it is sent: %v", err)
	}
	c.session.ClearOutput()
}

// end closes the session and checks that nothing is left of it.
func (c *sessionClient) end() {
	c.session.Close()
	if c.begun != 0 {
		c.t.Fatal("a publish or play has never ended")
	}
	if len(c.memory.out) != 0 {
		c.t.Fatalf("%d payloads were not freed", len(c.memory.out))
	}
}

// A server session says at most so much: its greeting and its answer to connect, and for each byte that it hears no more
// than for the shortest command (a type 3 header and "seek"), which is answered with a status of 200 bytes.
const (
	sessionSaysFirst   = 4 << 10
	sessionSaysPerByte = 32
)

func (c *sessionClient) requireBounded(heard int) {
	if allowed := uint64(sessionSaysFirst + sessionSaysPerByte*heard); c.sent-c.own > allowed {
		c.t.Fatalf("%d bytes were answered with %d bytes", heard, c.sent-c.own)
	}
}

// onItsOwn does what a server's owner does without having been asked.
func (c *sessionClient) onItsOwn(do func()) {
	c.listen()
	before := c.sent
	do()
	c.listen()
	c.own += c.sent - before
}

func (c *sessionClient) OnConnect(connect session.Connect) {
	c.note("connect %s?%s", connect.App, connect.Query)
	if c.answer == answerNoConnect {
		c.session.RejectConnect(session.CodeConnectRejected, "no")
		return
	}
	c.session.AcceptConnect()
}

func (c *sessionClient) begin(publish bool, key string, request session.Request, accept, reject func() bool) {
	if c.begun++; c.begun > 1 || key == "" {
		c.t.Fatalf("request with key %q, %d at a time", key, c.begun)
	}
	c.publish, c.started = publish, false
	switch c.answer {
	case answerAccept, answerNoConnect:
		c.started = true
		if !accept() || accept() {
			c.t.Fatal("a request can be accepted once")
		}
	case answerReject:
		if !reject() || reject() {
			c.t.Fatal("a request can be refused once")
		}
		c.begun--
	default:
		c.waiting = append(c.waiting, request)
	}
}

func (c *sessionClient) OnPublish(p session.Publish) {
	c.note("publish %s?%s", p.Key, p.Query)
	c.begin(true, p.Key, p.Request, func() bool { return c.session.AcceptPublish(p.Request) },
		func() bool { return c.session.RejectPublish(p.Request, session.CodePublishBadName, "no") })
}

func (c *sessionClient) OnPlay(p session.Play) {
	c.note("play %s?%s from %v for %v", p.Key, p.Query, p.Start, p.Duration)
	c.begin(false, p.Key, p.Request, func() bool { return c.session.AcceptPlay(p.Request) },
		func() bool { return c.session.RejectPlay(p.Request, session.CodePlayFailed, "no") })
}

func (c *sessionClient) OnStop(_ uint32, reason session.StopReason) {
	c.note("stop: %v", reason)
	if c.begun--; c.begun != 0 {
		c.t.Fatal("stopped what does not run")
	}
	c.started = false
}

func (c *sessionClient) needsPublish() {
	if !c.started || !c.publish || c.begun != 1 {
		c.t.Fatal("media of a stream that nobody publishes")
	}
}

func (c *sessionClient) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	c.needsPublish()
	if len(payload) == 0 || messageType != message.TypeAudio && messageType != message.TypeVideo {
		c.t.Fatalf("%d bytes of media of type %d", len(payload), messageType)
	}
	c.note("%s at %d: %s", message.TypeName(messageType), timestamp, describeMedia(messageType, payload))
	c.memory.Free(payload)
}

// describeMedia says what a server reads in the header of a media message.
func describeMedia(messageType uint8, payload []byte) string {
	if messageType == message.TypeAudio {
		h, err := flv.ParseAudio(payload)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%v, %v, %d bytes", h.Codec, h.Packet, len(payload)-h.Size)
	}
	h, err := flv.ParseVideo(payload)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%v, %v frame, %v, %d bytes", h.Codec, h.FrameType, h.Packet, len(payload)-h.Size)
}

func (c *sessionClient) OnMetadata(_ uint32, m session.Metadata) {
	c.needsPublish()
	c.note("metadata with %d properties", len(m.Properties))
	if !m.Cleared {
		c.plainAMF0(m.Body)
	}
}

func (c *sessionClient) OnData(_ uint32, d session.Data) {
	c.needsPublish()
	c.note("data %s", d.Name)
	c.plainAMF0(d.Body)
}

// plainAMF0 checks that players can read what is passed on.
func (c *sessionClient) plainAMF0(body []byte) {
	values, err := amf.DecodeAll(body, amf.Limits{Depth: 64, Nodes: 1 << 16, Bytes: 1 << 22})
	if err != nil || len(values) == 0 {
		c.t.Fatalf("passes on % x: %v", body, err)
	}
}

// decide answers the requests that wait, the oldest too, and expects that only the running one can be answered.
func (c *sessionClient) decide(accept bool) {
	waiting := c.waiting
	c.waiting = nil
	for i, request := range waiting {
		current := i == len(waiting)-1 && c.begun == 1 && !c.started
		if accept {
			c.started = c.started || current
			if c.session.AcceptPublish(request) || c.session.AcceptPlay(request) {
				if !current {
					c.t.Fatal("accepted a request that is over")
				}
			}
			continue
		}
		if c.session.RejectPublish(request, session.CodePublishBadName, "no") || c.session.RejectPlay(request, session.CodePlayFailed, "no") {
			if !current {
				c.t.Fatal("refused a request that is over")
			}
			c.begun--
		}
	}
}

// requireReason checks that an error of a session says what was wrong with which message.
func requireReason(t *testing.T, err error) {
	t.Helper()
	var parse *message.ParseError
	var long *amf.SyntaxError
	if err != nil && !errors.As(err, &parse) && !errors.As(err, &long) && !errors.Is(err, amf.ErrTooLong) {
		t.Fatalf("an error without a reason: %v", err)
	}
}
