package session

import (
	"strings"

	"mmids/amf"
	"mmids/rtmp/message"
)

func (s *Server) play(streamID uint32, c *message.Command) {
	if s.connection.phase != connected {
		s.refuseUnconnected(c, CodePlayFailed)
		return
	}
	streamID = s.implied(streamID)
	name, ok := c.String(0)
	key, query := cutQuery(name)
	if !ok || key == "" || len(name) > nameBytesMax {
		s.refuse(streamID, CodePlayStreamNotFound, "play needs a stream key")
		return
	}
	if s.activity.kind != idle {
		s.refuse(streamID, CodePlayFailed, "this connection already publishes or plays")
		return
	}
	key = strings.Clone(key) // the handler keeps it, but not the command around it
	p := Play{StreamID: streamID, Key: key, Query: mergeQueries(query, s.connection.query)}
	p.Start, p.Duration, p.Reset = playArguments(c)
	p.Request = s.begin(activity{kind: playAsked, streamID: streamID, key: key, reset: p.Reset}).request
	s.handler.OnPlay(p)
}

// playArguments reads start, duration and reset, each of which may be missing or of a wrong type.
func playArguments(c *message.Command) (start, duration float64, reset bool) {
	start, ok := c.Number(1)
	switch {
	case !ok:
		start = -2
	case start == -1000 || start == -2000: // ffmpeg and Flash count start in milliseconds
		start /= 1000
	}
	duration, ok = c.Number(2)
	if !ok {
		duration = -1
	}
	reset = true
	if v, ok := c.Bool(3); ok {
		reset = v
	} else if v, ok := c.Number(3); ok { // 0 and 2 keep the play list, 1 and 3 reset it
		reset = v == 1 || v == 3
	}
	return start, duration, reset
}

// AcceptPlay grants a play request. Media for the client may be sent behind what Output then holds. It reports false, and
// does nothing, when the request does not wait for an answer any more.
//
// There is no NetStream.Data.Start: it makes ffmpeg show an empty data stream.
func (s *Server) AcceptPlay(request Request) bool {
	a, ok := s.decide(playAsked, request)
	if !ok {
		return false
	}
	s.activity.kind = playing
	if a.reset {
		s.playStatus(CodePlayReset, "Playing and resetting "+a.key+".")
	}
	s.out.userControl(message.UserControl{Event: message.EventStreamBegin, StreamID: a.streamID})
	s.playStatus(CodePlayStart, "Started playing "+a.key+".")
	// Flash players may read the samples of the stream only after this.
	body := amf.AppendString(nil, message.NameSampleAccess)
	body = amf.AppendBool(amf.AppendBool(body, true), true)
	s.out.send(s.out.data, a.streamID, &message.Data{Body: body})
	return true
}

// RejectPlay refuses a play request, for example with [CodePlayStreamNotFound]; the connection is then to be closed. It
// reports false, and does nothing, when the request does not wait for an answer any more.
func (s *Server) RejectPlay(request Request, code, description string) bool {
	a, ok := s.decide(playAsked, request)
	if !ok {
		return false
	}
	s.activity = activity{}
	s.refuse(a.streamID, code, description)
	s.refused()
	return true
}

// NotifyUnpublish tells a player that the publisher has gone. There is no Stream EOF with it: that would say that
// nothing follows, but the stream may return, and the player stays for it. It reports whether the client plays.
func (s *Server) NotifyUnpublish() bool {
	return s.notify(CodePlayUnpublishNotify, " is now unpublished.")
}

// NotifyPublish tells a player that its stream has a publisher again. It reports whether the client plays.
func (s *Server) NotifyPublish() bool {
	return s.notify(CodePlayPublishNotify, " is now published.")
}

func (s *Server) notify(code, description string) bool {
	if s.activity.kind != playing || s.ending != endingNot {
		return false
	}
	s.playStatus(code, s.activity.key+description)
	return true
}

func (s *Server) playStatus(code, description string) {
	s.out.onStatus(s.activity.streamID, message.Status{Level: message.LevelStatus, Code: code, Description: description})
}

// pause is answered as asked, but a live stream goes on.
func (s *Server) pause(streamID uint32, c *message.Command) {
	code, description := CodePauseNotify, "Paused."
	if paused, ok := c.Bool(0); ok && !paused {
		code, description = CodeUnpauseNotify, "Unpaused."
	}
	s.out.onStatus(s.implied(streamID), message.Status{Level: message.LevelStatus, Code: code, Description: description})
}

// seek is answered so that nobody waits, but a live stream stays where it is.
func (s *Server) seek(streamID uint32) {
	s.out.onStatus(s.implied(streamID), message.Status{
		Level: message.LevelStatus, Code: CodeSeekNotify, Description: "A live stream stays at its live position.",
	})
}
