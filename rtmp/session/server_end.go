package session

import "mmids/rtmp/message"

// FailPlay tells a player that it cannot go on, for a reason that is not the server's; the connection is then to be closed.
// OnStop follows. It reports false, and does nothing, when the client does not play.
func (s *Server) FailPlay(description string) bool {
	if s.activity.kind != playing || s.ending != endingNot {
		return false
	}
	s.refuse(s.activity.streamID, CodePlayFailed, description)
	s.stop(StopEnded)
	s.refused()
	return true
}

// End tells the client that the server ends what it does, and why; the connection is then to be closed. OnStop follows
// for a publish or play, decided or not. A client that does neither is told as well.
func (s *Server) End(description string) {
	if s.ending != endingNot {
		return
	}
	switch s.activity.kind {
	case idle:
		s.refuse(0, CodeConnectClosed, description)
	case playing:
		s.playStatus(CodePlayStop, description)
		s.out.userControl(message.UserControl{Event: message.EventStreamEOF, StreamID: s.activity.streamID})
	case playAsked:
		s.refuse(s.activity.streamID, CodePlayFailed, description)
	case publishAsked, publishing:
		s.refuse(s.activity.streamID, CodePublishFailed, description)
	}
	s.stop(StopEnded)
	s.refused()
}
