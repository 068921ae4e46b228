package session

import (
	"strings"

	"mmids/rtmp/message"
)

func (s *Server) publish(streamID uint32, c *message.Command) {
	if start, ok := c.Bool(0); ok && !start { // RTMP: NetStream.publish(false) stops; Wirecast does it
		if s.activity.isPublish() {
			s.unpublish(StopPublishFalse)
		}
		return
	}
	if s.connection.phase != connected {
		s.refuseUnconnected(c, CodePublishFailed)
		return
	}
	streamID = s.implied(streamID)
	name, ok := c.String(0)
	key, query := cutQuery(name)
	if !ok || key == "" || len(name) > nameBytesMax {
		s.refuse(streamID, CodePublishBadName, "publish needs a stream key")
		return
	}
	if s.activity.kind != idle {
		s.refuse(streamID, CodePublishBadName, "this connection already publishes or plays")
		return
	}
	mode, description, closes := publishMode(c)
	if description != "" {
		s.refuse(streamID, CodePublishBadName, description)
		if closes {
			s.refused()
		}
		return
	}
	key = strings.Clone(key) // the handler keeps it, but not the command around it
	a := s.begin(activity{kind: publishAsked, streamID: streamID, key: key})
	s.handler.OnPublish(Publish{
		Request: a.request, StreamID: streamID, Key: key, Query: mergeQueries(query, s.connection.query), Mode: mode,
	})
}

// publishMode reads the publishing type. Encoders leave it out or send something else than text; what is text must be
// known. A description says why the mode is refused, and closes that the connection must not go on.
func publishMode(c *message.Command) (mode, description string, closes bool) {
	text, _ := c.String(1)
	switch text = strings.ToLower(text); text {
	case "live", "":
		return "live", "", false
	case "record", "append", "appendwithgap":
		return "", "publishing type " + text + " is not available here, use live", true
	}
	return "", "unknown publishing type, use live", false
}

// AcceptPublish grants a publish request, and hands over the media that came in the meantime. It reports false, and does
// nothing, when the request does not wait for an answer any more.
func (s *Server) AcceptPublish(request Request) bool {
	a, ok := s.decide(publishAsked, request)
	if !ok {
		return false
	}
	s.activity.kind = publishing
	s.out.userControl(message.UserControl{Event: message.EventStreamBegin, StreamID: a.streamID})
	s.out.onStatus(a.streamID, message.Status{
		Level: message.LevelStatus, Code: CodePublishStart, Description: a.key + " is now published.",
	})
	s.releaseEarly(request)
	return true
}

// RejectPublish refuses a publish request, for example with [CodePublishBadName]; the connection is then to be closed. It
// reports false, and does nothing, when the request does not wait for an answer any more.
func (s *Server) RejectPublish(request Request, code, description string) bool {
	a, ok := s.decide(publishAsked, request)
	if !ok {
		return false
	}
	s.activity = activity{}
	s.early.drop()
	s.refuse(a.streamID, code, description)
	s.refused()
	return true
}
