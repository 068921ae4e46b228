package fuzz

import (
	"errors"
	"testing"

	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// hostileServer drives a client session and holds it to its promises.
type hostileServer struct {
	driver
	session *session.Client

	connected bool
	wanted    string // "publish" or "play", since it was asked for; "" when it was stopped or refused
	started   bool
}

func newHostileServer(t *testing.T) *hostileServer {
	s := &hostileServer{driver: newDriver(t)}
	s.session = session.NewClient(session.ClientConfig{
		App: "live", TcURL: "rtmp://h/live", Memory: &s.memory, AMF: sessionLimits.AMF,
	}, s)
	s.other = s.session
	return s
}

// start has the client connect.
func (s *hostileServer) start() { s.onItsOwn(s.session.Start) }

// begin has the client publish or play, if it does neither.
func (s *hostileServer) begin(command string) {
	ask := s.session.Publish
	if command == "play" {
		ask = s.session.Play
	}
	s.onItsOwn(func() {
		err := ask("cam?token=a")
		if busy := s.wanted != ""; busy != errors.Is(err, session.ErrBusy) || !busy && err != nil {
			s.t.Fatalf("%s while it does %q: %v", command, s.wanted, err)
		}
		if err == nil {
			s.wanted, s.started = command, false
		}
	})
}

func (s *hostileServer) stop() {
	s.onItsOwn(s.session.Stop)
	s.wanted, s.started = "", false
}

// send has the client send media and data, which it may only while it publishes.
func (s *hostileServer) send() {
	s.onItsOwn(func() {
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
	})
}

// A client session says at most so much of its own: its answer to an accepted connect, and for each byte that it hears no
// more than _checkbw is for the shortest onBWDone.
const (
	clientSaysFirst   = 1 << 10
	clientSaysPerByte = 8
)

func (s *hostileServer) requireBounded(heard int) {
	s.driver.requireBounded(heard, clientSaysFirst, clientSaysPerByte)
}

func (s *hostileServer) OnConnected(c session.Connected) {
	if s.connected {
		s.t.Fatal("connected twice")
	}
	s.connected = true
	s.note("connected: %s", c.Code)
}

func (s *hostileServer) starts(command string, streamID uint32) {
	if s.wanted != command || s.started || !s.connected || streamID == 0 {
		s.t.Fatalf("%s starts on %d, wanted %q, started %v, connected %v", command, streamID, s.wanted, s.started, s.connected)
	}
	s.started = true
	s.note("%s start", command)
}

func (s *hostileServer) OnPublishStart(streamID uint32) { s.starts("publish", streamID) }
func (s *hostileServer) OnPlayStart(streamID uint32)    { s.starts("play", streamID) }
func (s *hostileServer) OnStatus(n session.Notice)      { s.note("status %s", n.Code) }

func (s *hostileServer) OnError(err error) {
	s.note("error: %v", err)
	s.wanted, s.started = "", false
}

func (s *hostileServer) needsPlay() {
	if s.wanted != "play" {
		s.t.Fatal("media of a stream that nobody plays")
	}
}

func (s *hostileServer) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	s.needsPlay()
	s.media(messageType, timestamp, payload)
}

func (s *hostileServer) OnMetadata(_ uint32, m session.Metadata) {
	s.needsPlay()
	s.note("metadata with %d properties", len(m.Properties))
}

func (s *hostileServer) OnData(_ uint32, d session.Data) {
	s.needsPlay()
	s.note("data %s", d.Name)
}
