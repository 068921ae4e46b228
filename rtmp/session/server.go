package session

import (
	"sync"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// Server is the server's side of one connection.
type Server struct {
	config  ServerConfig
	handler ServerHandler
	data    dataReader

	in   inbound
	out  outbound
	ping ping

	connection connectionState
	streams    uint32 // message stream ids given out so far: 1…streams
	commands   int    // that the client has sent since GrantCommands
	activity   activity
	requests   Request // given out so far
	early      earlyMedia
	ending     ending
}

// ending is how far the session is on its way out.
type ending uint8

const (
	endingNot  ending = iota
	endingSoon        // a refusal is queued; the owner closes after sending it
	endingDone        // Close was called
)

// NewServer returns the session of a connection whose handshake is done.
func NewServer(c ServerConfig, h ServerHandler) *Server {
	c = c.withDefaults()
	return &Server{
		config:  c,
		handler: h,
		data:    dataReader{limits: c.AMF},
		out:     newOutbound(serverChannels),
		early:   earlyMedia{memory: c.Memory, bytesMax: c.EarlyBytes},
	}
}

// Start queues the greeting, which goes out before the client has said anything.
func (s *Server) Start() {
	s.out.setChunkSize(s.config.ChunkSize)
	s.out.control(&message.WindowAckSize{Size: s.config.WindowAckSize})
	s.out.userControl(message.UserControl{Event: message.EventStreamBegin})
	s.out.control(&message.SetPeerBandwidth{Size: s.config.PeerBandwidth, Limit: message.LimitDynamic})
	s.out.call(0, "onBWDone", 0, nil, float64(8192))
}

// Handle takes in one message of the client. Its payload, which is of ServerConfig.Memory, belongs to the session from
// here on, whatever Handle returns.
//
// An error, a [*message.ParseError] as a rule, or [ErrCommands], means that the client cannot be understood and the connection is to be
// closed. What can be skipped without losing the thread is skipped: malformed control, data and aggregate messages,
// commands without a name, and messages of unknown types.
func (s *Server) Handle(m *chunk.Message) error {
	if s.ending == endingNot && isMedia(m.Type) {
		s.media(m)
		return nil
	}
	var err error
	kept := false
	defer func() { // also if the handler panics
		if !kept {
			s.config.Memory.Free(m.Payload)
		}
	}()
	if s.ending == endingNot {
		kept, err = s.handle(m)
	}
	if err == nil {
		err = s.out.takeErr()
	}
	return err
}

// parsers are shared by all connections: most are silent after their first second, and what they said is not worth
// keeping.
var parsers = sync.Pool{New: func() any { return new(message.Parser) }}

// handle reports whether it has kept the payload.
func (s *Server) handle(m *chunk.Message) (kept bool, err error) {
	if isCommand(m.Type) && !s.takeCommand() {
		return false, ErrCommands
	}
	parser := parsers.Get().(*message.Parser)
	defer func() {
		*parser = message.Parser{}
		parsers.Put(parser)
	}()
	parser.Limits = s.config.AMF
	parsed, err := parser.Parse(m)
	if err != nil {
		if isCommand(m.Type) && !isNameless(err) {
			return false, err
		}
		s.leftOut(m, err)
		return false, nil
	}
	switch parsed := parsed.(type) {
	case *message.WindowAckSize:
		s.in.setWindow(parsed.Size)
	case *message.UserControl:
		userControl(parsed, &s.ping, &s.out)
	case *message.Data:
		return s.dataMessage(m, parsed), nil
	case *message.Aggregate:
		if s.activity.isPublish() {
			splitAggregate(parsed, s.config.Memory, s.inner)
		}
	case *message.Command:
		s.command(m.StreamID, parsed)
	}
	return false, nil
}

// takeCommand counts a command, also one that cannot be read, and reports whether it is within CommandsMax.
func (s *Server) takeCommand() bool {
	s.commands++
	return s.config.CommandsMax == 0 || s.commands <= s.config.CommandsMax
}

// GrantCommands lets the client send CommandsMax commands from now on. The session has no clock, so its owner says when.
func (s *Server) GrantCommands() { s.commands = 0 }

// Received tells the session how many bytes have come in since the handshake, and queues an acknowledgement when one is
// due. Once per read is often enough.
func (s *Server) Received(total uint64) {
	if s.ending == endingNot {
		s.in.received(total, &s.out)
	}
}

// Output is what is to be sent to the client, in chunks. It is valid until the next call of any other method.
func (s *Server) Output() []byte { return s.out.queued() }

// ClearOutput forgets what Output returned; its memory is used again.
func (s *Server) ClearOutput() { s.out.clear() }

// Closing reports whether the client was refused. The owner then sends what Output holds and closes the connection.
func (s *Server) Closing() bool { return s.ending != endingNot }

// Close ends the session of a closed connection: what still runs is stopped, and what is held is freed. Later calls of
// any method do nothing.
func (s *Server) Close() {
	if s.ending == endingDone {
		return
	}
	s.stop(StopClosed)
	s.ending = endingDone
	s.ClearOutput()
}

// refused marks the session as one that only has to be flushed.
func (s *Server) refused() {
	if s.ending == endingNot {
		s.ending = endingSoon
	}
}
