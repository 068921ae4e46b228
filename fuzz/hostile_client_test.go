package fuzz

import (
	"testing"

	"mmids/amf"
	"mmids/rtmp/session"
)

// sessionLimits are small, so that a fuzzer reaches every limit with short inputs.
var sessionLimits = session.ServerConfig{EarlyBytes: 64, AMF: amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096}}

// A hostileClient can be told how the owner of the server session decides.
const (
	answerAccept byte = iota
	answerReject
	answerLater // when decide is called
	_
	answerNoConnect // refuse connect
)

// hostileClient drives a server session and holds it to its promises.
type hostileClient struct {
	driver
	session *session.Server
	answer  byte
	begun   int  // OnPublish and OnPlay that OnStop or a refusal has to follow
	started bool // the running one was accepted
	publish bool // and is a publish
	waiting []session.Request
}

func newHostileClient(t *testing.T, answer byte, config session.ServerConfig) *hostileClient {
	c := &hostileClient{driver: newDriver(t), answer: answer % 5}
	config.Memory = &c.memory
	c.session = session.NewServer(config, c)
	c.other = c.session
	return c
}

// end closes the session and checks that nothing is left of it.
func (c *hostileClient) end() {
	c.driver.end()
	if c.begun != 0 {
		c.t.Fatal("a publish or play has never ended")
	}
}

// A server session says at most so much: its greeting and its answer to connect, and for each byte that it hears no more
// than for the shortest command (a type 3 header and "seek"), which is answered with a status of 200 bytes.
const (
	serverSaysFirst   = 4 << 10
	serverSaysPerByte = 32
)

func (c *hostileClient) requireBounded(heard int) {
	c.driver.requireBounded(heard, serverSaysFirst, serverSaysPerByte)
}

func (c *hostileClient) OnConnect(connect session.Connect) {
	c.note("connect %s?%s", connect.App, connect.Query)
	if c.answer == answerNoConnect {
		c.session.RejectConnect(session.CodeConnectRejected, "no")
		return
	}
	c.session.AcceptConnect()
}

func (c *hostileClient) begin(publish bool, key string, request session.Request, accept, reject func() bool) {
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

func (c *hostileClient) OnPublish(p session.Publish) {
	c.note("publish %s?%s", p.Key, p.Query)
	c.begin(true, p.Key, p.Request, func() bool { return c.session.AcceptPublish(p.Request) },
		func() bool { return c.session.RejectPublish(p.Request, session.CodePublishBadName, "no") })
}

func (c *hostileClient) OnPlay(p session.Play) {
	c.note("play %s?%s from %v for %v", p.Key, p.Query, p.Start, p.Duration)
	c.begin(false, p.Key, p.Request, func() bool { return c.session.AcceptPlay(p.Request) },
		func() bool { return c.session.RejectPlay(p.Request, session.CodePlayFailed, "no") })
}

func (c *hostileClient) OnStop(_ uint32, reason session.StopReason) {
	c.note("stop: %v", reason)
	if c.begun--; c.begun != 0 {
		c.t.Fatal("stopped what does not run")
	}
	c.started = false
}

func (c *hostileClient) needsPublish() {
	if !c.started || !c.publish || c.begun != 1 {
		c.t.Fatal("media of a stream that nobody publishes")
	}
}

func (c *hostileClient) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	c.needsPublish()
	c.media(messageType, timestamp, payload)
}

func (c *hostileClient) OnMetadata(_ uint32, m session.Metadata) {
	c.needsPublish()
	c.note("metadata with %d properties", len(m.Properties))
	if !m.Cleared {
		c.plainAMF0(m.Body)
	}
}

func (c *hostileClient) OnData(_ uint32, d session.Data) {
	c.needsPublish()
	c.note("data %s", d.Name)
	c.plainAMF0(d.Body)
}

// plainAMF0 checks that players can read what is passed on.
func (c *hostileClient) plainAMF0(body []byte) {
	values, err := amf.DecodeAll(body, amf.Limits{Depth: 64, Nodes: 1 << 16, Bytes: 1 << 22})
	if err != nil || len(values) == 0 {
		c.t.Fatalf("passes on % x: %v", body, err)
	}
}

// decide answers the requests that wait, the oldest too, and expects that only the running one can be answered.
func (c *hostileClient) decide(accept bool) {
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
