package session

import "mmids/rtmp/message"

type activityKind uint8

const (
	idle activityKind = iota
	publishAsked
	publishing
	playAsked
	playing
)

// activity is the one thing that a connection does at a time: publish or play.
type activity struct {
	kind     activityKind
	request  Request
	streamID uint32
	key      string
	reset    bool // play: answer with NetStream.Play.Reset
}

func (a *activity) isPublish() bool { return a.kind == publishAsked || a.kind == publishing }

// implied is the stream that a command is about: the message stream it came on, or when that is 0, the stream created
// last. Bare players play without having created one, and get stream 1, as with other servers.
func (s *Server) implied(streamID uint32) uint32 {
	if streamID != 0 {
		return streamID
	}
	return max(1, s.streams)
}

// begin makes a the activity, as a request of its own.
func (s *Server) begin(a activity) activity {
	s.streams = max(1, s.streams)
	s.requests++
	a.request = s.requests
	s.activity = a
	return a
}

// stopCommand handles deleteStream and closeStream (RTMP 1.0 §7.2.2.3). The stream is the argument when that is a
// number, else the message stream of the command: GStreamer sends the key for a number. Stopping what does not run is no mistake: encoders send several of these at the end.
func (s *Server) stopCommand(streamID uint32, c *message.Command, reason StopReason) {
	if f, ok := c.Number(0); ok {
		id, ok := asStreamID(f)
		if !ok {
			return
		}
		streamID = id
	}
	if s.activity.kind == idle || s.implied(streamID) != s.activity.streamID {
		return
	}
	if s.activity.isPublish() {
		s.unpublish(reason)
	} else {
		s.stop(reason)
	}
}

// unpublish stops publishing and says so, except after deleteStream, whose stream exists no more.
func (s *Server) unpublish(reason StopReason) {
	streamID, key := s.activity.streamID, s.activity.key
	s.stop(reason)
	if reason != StopDeleteStream {
		s.out.onStatus(streamID, message.Status{
			Level: message.LevelStatus, Code: CodeUnpublishSuccess, Description: key + " is now unpublished.",
		})
	}
}

// stop ends the activity, whatever it is.
func (s *Server) stop(reason StopReason) {
	stopped := s.activity
	s.activity = activity{}
	s.early.drop()
	if stopped.kind != idle {
		s.handler.OnStop(stopped.streamID, reason)
	}
}

// decide takes the activity out of its waiting state if request is what is waited for.
func (s *Server) decide(asked activityKind, request Request) (activity, bool) {
	if s.ending != endingNot || s.activity.kind != asked || s.activity.request != request {
		return activity{}, false
	}
	return s.activity, true
}

// refuse says why a request is not granted, on the stream it was about.
func (s *Server) refuse(streamID uint32, code, description string) {
	s.out.onStatus(streamID, message.Status{Level: message.LevelError, Code: code, Description: description})
}

// refuseUnconnected refuses what needs connect first.
func (s *Server) refuseUnconnected(c *message.Command, code string) {
	s.out.call(0, "_error", c.Transaction, nil, message.Status{
		Level: message.LevelError, Code: code, Description: c.Name + " before connect",
	}.Object())
}
