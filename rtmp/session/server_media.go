package session

import (
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// media takes in an audio or video message and owns its payload.
func (s *Server) media(m *chunk.Message) {
	switch {
	case len(m.Payload) == 0 || !s.belongs(m.StreamID):
	case s.activity.kind == publishing:
		s.handler.OnMedia(s.activity.streamID, m.Type, m.Timestamp, m.Payload)
		return
	case s.activity.kind == publishAsked && s.early.hold(m):
		return
	}
	s.config.Memory.Free(m.Payload)
}

// belongs reports whether a message on streamID is part of what the connection publishes. As a connection publishes one
// stream at a time, only the id of another stream that the client created speaks against it: encoders are careless.
func (s *Server) belongs(streamID uint32) bool {
	return streamID == s.activity.streamID || streamID == 0 || streamID > s.streams
}

// inner takes in a message that came inside an aggregate, and owns its payload.
func (s *Server) inner(m *chunk.Message) {
	if isMedia(m.Type) {
		s.media(m)
		return
	}
	if kept, _ := s.handle(m); !kept {
		s.config.Memory.Free(m.Payload)
	}
}

// dataMessage takes in a data message and reports whether it has kept the payload.
func (s *Server) dataMessage(m *chunk.Message, d *message.Data) (kept bool) {
	if !s.belongs(m.StreamID) {
		return false
	}
	switch s.activity.kind {
	case publishAsked:
		return s.early.hold(m)
	case publishing:
		s.publishedData(m, d)
	}
	return false
}

func (s *Server) publishedData(m *chunk.Message, d *message.Data) {
	if d.Name == message.NameSampleAccess || d.Name == message.NameOnStatus {
		return // a relay passes on what its own server told it; our players hear that from us
	}
	data, err := s.data.read(m, d)
	if err != nil {
		s.leftOut(m, err)
		return
	}
	switch d.Name {
	case message.NameOnMetaData, message.NameClearDataFrame:
		s.handler.OnMetadata(s.activity.streamID, data.metadata())
	default:
		s.handler.OnData(s.activity.streamID, data)
	}
}

// leftOut tells of a publisher's data message that cannot be read, be it for want of a name. One that is empty has nothing to
// leave out.
func (s *Server) leftOut(m *chunk.Message, err error) {
	isData := m.Type == message.TypeDataAMF0 || m.Type == message.TypeDataAMF3
	if s.config.OnUnreadable != nil && isData && len(m.Payload) > 0 && s.activity.kind == publishing && s.belongs(m.StreamID) {
		s.config.OnUnreadable(err, m.Type, len(m.Payload))
	}
}
