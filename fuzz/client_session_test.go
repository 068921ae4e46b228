package fuzz

import (
	"errors"
	"fmt"
	"testing"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// sessionServer drives a client session and holds it to its promises.
type sessionServer struct {
	t       *testing.T
	session *session.Client
	memory  chunkMemory
	reader  *chunk.Reader // of what the client says

	connected bool
	wanted    string // "publish" or "play", since it was asked for; "" when it was stopped or refused
	started   bool

	received, sent, asked uint64
	events                []string
}

func newSessionServer(t *testing.T) *sessionServer {
	s := &sessionServer{t: t, memory: chunkMemory{out: map[*byte]int{}}, reader: chunk.NewReader(chunk.ReaderConfig{})}
	s.session = session.NewClient(session.ClientConfig{
		App: "live", TcURL: "rtmp://h/live", Memory: &s.memory, AMF: amf.Limits{Depth: 8, Nodes: 256, Bytes: 4096},
	}, s)
	return s
}

// begin has the client publish or play, if it does neither.
func (s *sessionServer) begin(command string) {
	ask := s.session.Publish
	if command == "play" {
		ask = s.session.Play
	}
	err := ask("cam?token=a")
	if busy := s.wanted != ""; busy != errors.Is(err, session.ErrBusy) || !busy && err != nil {
		s.t.Fatalf("%s while it does %q: %v", command, s.wanted, err)
	}
	if err == nil {
		s.wanted, s.started = command, false
	}
	s.owe()
}

func (s *sessionServer) stop() {
	s.session.Stop()
	s.wanted, s.started = "", false
	s.owe()
}

// send has the client send media and data, which it may only while it publishes.
func (s *sessionServer) send() {
	publishes := s.wanted == "publish" && s.started
	for _, err := range []error{
		s.session.SendMedia(message.TypeVideo, 0, []byte{0x17, 1, 0, 0, 0, 1}),
		s.session.SendMedia(message.TypeAudio, 1<<31, nil),
		s.session.SendMetadata(5, sessionObject("width", 1.0)),
	} {
		if publishes != (err == nil) || err != nil && !errors.Is(err, session.ErrNotPublishing) {
			s.t.Fatalf("sent while publishing is %v: %v", publishes, err)
		}
	}
	s.owe()
}

// owe does not count what the client says now as an answer.
func (s *sessionServer) owe() {
	s.asked += uint64(len(s.session.Output()))
	s.listen()
}

// say gives the session one message.
func (s *sessionServer) say(messageType uint8, streamID, timestamp uint32, body []byte) error {
	payload := s.memory.Alloc(len(body))
	copy(payload, body)
	s.received += uint64(len(body)) + 12
	err := s.session.Handle(&chunk.Message{Type: messageType, StreamID: streamID, Timestamp: timestamp, Payload: payload})
	s.session.Received(s.received)
	s.listen()
	return err
}

// listen reads what the client says, which has to be whole messages.
func (s *sessionServer) listen() {
	s.sent += uint64(len(s.session.Output()))
	var parser message.Parser
	err := s.reader.Feed(s.session.Output(), func(m *chunk.Message) error {
		_, err := parser.Parse(m)
		return err
	})
	if err != nil {
		s.t.Fatalf("server cannot read what it is sent: %v", err)
	}
	s.session.ClearOutput()
}

// A client session says at most so much of its own: its answer to an accepted connect, and for each byte that it hears no
// more than _checkbw is for the shortest onBWDone.
const (
	clientSaysFirst   = 1 << 10
	clientSaysPerByte = 8
)

func (s *sessionServer) requireBounded(heard int) {
	if allowed := s.asked + uint64(clientSaysFirst+clientSaysPerByte*heard); s.sent > allowed {
		s.t.Fatalf("%d bytes were answered with %d bytes, of which %d were asked for", heard, s.sent, s.asked)
	}
}

func (s *sessionServer) end() {
	s.session.Close()
	if len(s.memory.out) != 0 {
		s.t.Fatalf("%d payloads were not freed", len(s.memory.out))
	}
}

func (s *sessionServer) note(format string, args ...any) {
	s.events = append(s.events, fmt.Sprintf(format, args...))
}

func (s *sessionServer) OnConnected(c session.Connected) {
	if s.connected {
		s.t.Fatal("connected twice")
	}
	s.connected = true
	s.note("connected: %s", c.Code)
}

func (s *sessionServer) start(command string, streamID uint32) {
	if s.wanted != command || s.started || !s.connected || streamID == 0 {
		s.t.Fatalf("%s starts on %d, wanted %q, started %v, connected %v", command, streamID, s.wanted, s.started, s.connected)
	}
	s.started = true
	s.note("%s start", command)
}

func (s *sessionServer) OnPublishStart(streamID uint32) { s.start("publish", streamID) }
func (s *sessionServer) OnPlayStart(streamID uint32)    { s.start("play", streamID) }
func (s *sessionServer) OnStatus(n session.Notice)      { s.note("status %s", n.Code) }

func (s *sessionServer) OnError(err error) {
	s.note("error: %v", err)
	s.wanted, s.started = "", false
}

func (s *sessionServer) needsPlay() {
	if s.wanted != "play" {
		s.t.Fatal("media of a stream that nobody plays")
	}
}

func (s *sessionServer) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	s.needsPlay()
	if len(payload) == 0 || messageType != message.TypeAudio && messageType != message.TypeVideo {
		s.t.Fatalf("%d bytes of media of type %d", len(payload), messageType)
	}
	s.note("%s at %d: %s", message.TypeName(messageType), timestamp, describeMedia(messageType, payload))
	s.memory.Free(payload)
}

func (s *sessionServer) OnMetadata(_ uint32, m session.Metadata) {
	s.needsPlay()
	s.note("metadata with %d properties", len(m.Properties))
}

func (s *sessionServer) OnData(_ uint32, d session.Data) {
	s.needsPlay()
	s.note("data %s", d.Name)
}

// FuzzClientConversation lets a client hear what servers say, in any order and with values of wrong types, while its owner
// begins and stops. It may not start what was not asked for, nor end without its payloads, and what it says is whole
// messages, no more of them than it was given reason for.
func FuzzClientConversation(f *testing.F) {
	addPlans(f, func(code []byte) { f.Add(code) })
	f.Fuzz(func(t *testing.T, code []byte) {
		p, s := &plan{code: code}, newSessionServer(t)
		s.session.Start()
		heard := 0
		say := func(messageType uint8, body []byte) error {
			heard += 12 + len(body)
			return s.say(messageType, pick(p, []uint32{1, 1, 0, 7}), pick(p, messageTimes), body)
		}
		s.begin(pick(p, []string{"publish", "play"}))
		if !p.one(4) {
			accepted, created := serverCommands[0], serverCommands[1]
			_ = say(message.TypeCommandAMF0, sessionBody(append([]any{"_result", 1.0}, accepted.values...)...))
			transaction := map[string]float64{"publish": 4, "play": 2}[s.wanted]
			_ = say(message.TypeCommandAMF0, sessionBody(append([]any{"_result", transaction}, created.values...)...))
		}
		for steps := 0; !p.over() && steps < conversationSteps; steps++ {
			if err := serverActs(p, s, say); err != nil {
				requireReason(t, err)
				break
			}
		}
		s.requireBounded(heard)
		s.end()
	})
}

// serverActs does the next thing that the plan says.
func serverActs(p *plan, s *sessionServer, say func(uint8, []byte) error) error {
	switch p.next() % 20 {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		messageType, body := p.command(serverCommands)
		return say(messageType, body)
	case 15:
		s.begin("publish")
	case 16:
		s.begin("play")
	case 17:
		s.stop()
	case 18:
		s.send()
	case 19:
		s.session.Ping(uint32(p.next()))
		s.owe()
	default:
		messageType, body := p.otherMessage()
		return say(messageType, body)
	}
	return nil
}
