package fuzz

import (
	"bytes"
	"errors"
	"testing"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
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

// FuzzMessage parses any body as any message type. What can be parsed must be written back so that it parses to the same
// bytes again, a body must never be touched, and an aggregate must hold no more than its bytes.
func FuzzMessage(f *testing.F) {
	for _, body := range sessionCommands {
		f.Add(message.TypeCommandAMF0, uint32(0), body)
		f.Add(message.TypeCommandAMF3, uint32(0), body)
	}
	for _, m := range sessionBodies {
		f.Add(m.messageType, uint32(0xfffffff0), m.body)
	}
	f.Fuzz(func(t *testing.T, messageType uint8, timestamp uint32, body []byte) {
		before := bytes.Clone(body)
		p := message.Parser{Limits: amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096}}
		m := chunk.Message{Type: messageType, StreamID: 1, Timestamp: timestamp, Payload: body}
		parsed, err := p.Parse(&m)
		if err != nil {
			var parseErr *message.ParseError
			if !errors.As(err, &parseErr) || parseErr.Type != messageType || parseErr.Offset > len(body) {
				t.Fatalf("error is not typed, or about something else: %#v", err)
			}
			return
		}
		if parsed.Type() != messageType {
			t.Fatalf("type %d was parsed as %d", messageType, parsed.Type())
		}
		if aggregate, ok := parsed.(*message.Aggregate); ok {
			messageSplits(t, aggregate)
		}
		once, err := parsed.AppendBody(nil)
		if err != nil {
			return // a command with a value that contains itself
		}
		again, err := (&message.Parser{}).Parse(&chunk.Message{Type: messageType, StreamID: 1, Timestamp: timestamp, Payload: once})
		if err != nil {
			t.Fatalf("% x was parsed, but not % x, which it was written as: %v", body, once, err)
		}
		if twice, err := again.AppendBody(nil); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written as % x, then as % x (%v)", once, twice, err)
		}
		if !bytes.Equal(body, before) {
			t.Fatal("Parse has changed the body")
		}
	})
}

func messageSplits(t *testing.T, a *message.Aggregate) {
	var sub chunk.Message
	used, count := 0, 0
	messages := a.Messages()
	for messages.Next(&sub) {
		used += 11 + len(sub.Payload)
		count++
		if count == 1 && sub.Timestamp != a.Timestamp {
			t.Fatalf("first message inside is at %d, the aggregate at %d", sub.Timestamp, a.Timestamp)
		}
	}
	if used > len(a.Body) || count > message.AggregateMessagesMax {
		t.Fatalf("%d messages with %d bytes in an aggregate of %d", count, used, len(a.Body))
	}
}

// sessionClient drives a server session and holds it to its promises.
type sessionClient struct {
	t       *testing.T
	session *session.Server
	memory  chunkMemory
	answer  byte // accept at once, refuse at once, or wait
	begun   int  // OnPublish and OnPlay that OnStop or a refusal has to follow
	started bool // the running one was accepted
	publish bool // and is a publish
	waiting []session.Request
}

func (c *sessionClient) OnConnect(session.Connect) {
	if c.answer%5 == 4 {
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
	switch c.answer % 5 {
	case 0, 4:
		c.started = true
		if !accept() || accept() {
			c.t.Fatal("a request can be accepted once")
		}
	case 1:
		if !reject() || reject() {
			c.t.Fatal("a request can be refused once")
		}
		c.begun--
	default:
		c.waiting = append(c.waiting, request)
	}
}

func (c *sessionClient) OnPublish(p session.Publish) {
	c.begin(true, p.Key, p.Request, func() bool { return c.session.AcceptPublish(p.Request) },
		func() bool { return c.session.RejectPublish(p.Request, session.CodePublishBadName, "no") })
}

func (c *sessionClient) OnPlay(p session.Play) {
	c.begin(false, p.Key, p.Request, func() bool { return c.session.AcceptPlay(p.Request) },
		func() bool { return c.session.RejectPlay(p.Request, session.CodePlayFailed, "no") })
}

func (c *sessionClient) OnStop(uint32, session.StopReason) {
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

func (c *sessionClient) OnMedia(_ uint32, messageType uint8, _ uint32, payload []byte) {
	c.needsPublish()
	if len(payload) == 0 || messageType != message.TypeAudio && messageType != message.TypeVideo {
		c.t.Fatalf("%d bytes of media of type %d", len(payload), messageType)
	}
	c.memory.Free(payload)
}

func (c *sessionClient) OnMetadata(_ uint32, m session.Metadata) {
	c.needsPublish()
	if !m.Cleared {
		c.plainAMF0(m.Body)
	}
}

func (c *sessionClient) OnData(_ uint32, d session.Data) {
	c.needsPublish()
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

// FuzzServerSession gives a server any sequence of messages: each is a type, a stream id, a length and a body. Bits of the
// stream id also make the owner decide, end the session, or read on. Whatever comes, no payload is lost or freed twice,
// every publish and play that begins ends once, only one is at a time, and what goes out is whole RTMP messages.
func FuzzServerSession(f *testing.F) {
	script := func(answer byte, messages ...[]byte) { f.Add(answer, bytes.Join(messages, nil)) }
	one := func(messageType, streamID uint8, body []byte) []byte {
		return append([]byte{messageType, streamID, byte(len(body) >> 8), byte(len(body))}, body...)
	}
	connect, publish, play := one(20, 0, sessionCommands[0]), one(20, 1, sessionCommands[5]), one(20, 1, sessionCommands[9])
	for answer := range byte(5) {
		all := [][]byte{connect}
		for _, body := range sessionCommands {
			script(answer, connect, publish, one(20, 1, body), one(9, 1, []byte{0x17, 1}))
			script(answer, connect, play, one(17, 0, body), publish)
			all = append(all, one(20, 1, body))
		}
		for _, m := range sessionBodies {
			script(answer, connect, publish, one(m.messageType, 1, m.body), one(4, 0x40, nil), one(8, 0x21, []byte{1}))
			all = append(all, one(m.messageType, 0, m.body))
		}
		script(answer, all...)
	}
	f.Fuzz(func(t *testing.T, answer byte, input []byte) {
		c := &sessionClient{t: t, answer: answer, memory: chunkMemory{out: map[*byte]int{}}}
		c.session = session.NewServer(session.ServerConfig{
			Memory: &c.memory, EarlyBytes: 64, AMF: amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096},
		}, c)
		peer := chunk.NewReader(chunk.ReaderConfig{})
		readable := func(m *chunk.Message) error {
			_, err := (&message.Parser{Limits: amf.Limits{Nodes: 1 << 16, Bytes: 1 << 22}}).Parse(m)
			return err
		}
		c.session.Start()
		for total := uint64(0); len(input) >= 4; {
			streamID, size := input[1], min(int(input[2])<<8|int(input[3]), len(input)-4)
			payload := c.memory.Alloc(size)
			copy(payload, input[4:])
			m := chunk.Message{Type: input[0], StreamID: uint32(streamID & 7), Timestamp: uint32(total), Payload: payload}
			input = input[4+size:]
			handleErr := c.session.Handle(&m)
			total += uint64(size) << 8
			c.session.Received(total)
			switch streamID & 0x60 {
			case 0x20:
				c.decide(true)
			case 0x40:
				c.decide(false)
			case 0x60:
				c.session.End("over")
			}
			if err := peer.Feed(c.session.Output(), readable); err != nil {
				t.Fatalf("client cannot read what it is sent: %v", err)
			}
			c.session.ClearOutput()
			if handleErr != nil {
				break
			}
		}
		c.session.Close()
		if c.begun != 0 {
			t.Fatal("a publish or play has never ended")
		}
		if len(c.memory.out) != 0 {
			t.Fatalf("%d payloads were not freed", len(c.memory.out))
		}
	})
}
