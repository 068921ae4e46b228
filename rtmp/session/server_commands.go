package session

import "mmids/rtmp/message"

// command is the table of all commands of a client. Values of a wrong type or number make a command fail with a status
// or be taken by its default, never more than that.
func (s *Server) command(streamID uint32, c *message.Command) {
	switch c.Name {
	case "connect":
		s.connect(c)
	case "createStream":
		s.createStream(c)
	case "publish":
		s.publish(streamID, c)
	case "play":
		s.play(streamID, c)
	case "deleteStream":
		s.stopCommand(streamID, c, StopDeleteStream)
	case "closeStream":
		s.stopCommand(streamID, c, StopCloseStream)
	case "FCPublish":
		s.fcPublish(c)
	case "FCUnpublish":
		s.fcUnpublish(c)
	case "pause", "pauseRaw":
		s.pause(streamID, c)
	case "seek":
		s.seek(streamID)
	case "getStreamLength":
		s.result(c, float64(0))
	case "_result", "_error", "onStatus", "close":
		// Answers and notices, of which a client owes us none. Answering them could go on for ever.
	default:
		// releaseStream, _checkbw, receiveAudio, receiveVideo and all that nobody knows: who asks gets an answer.
		s.result(c)
	}
}

// result answers a call. Transaction 0 means that no answer is wanted (RTMP 1.0 §7.2.1.2).
func (s *Server) result(c *message.Command, values ...any) {
	if c.Transaction != 0 {
		s.out.call(0, "_result", c.Transaction, nil, values...)
	}
}

func (s *Server) createStream(c *message.Command) {
	s.streams++
	s.out.call(0, "_result", c.Transaction, nil, float64(s.streams))
}

// fcPublish answers in the form of Flash Media Server, but with the transaction of the call, without which Livestream
// Studio 6 and some hardware wait for ever. It promises nothing: the decision is made on publish.
func (s *Server) fcPublish(c *message.Command) {
	name, _ := c.String(0)
	key, _ := cutQuery(name)
	s.fcNotice("onFCPublish", c, CodePublishStart, key)
	s.result(c)
}

func (s *Server) fcUnpublish(c *message.Command) {
	name, named := c.String(0)
	key, _ := cutQuery(name)
	s.fcNotice("onFCUnpublish", c, CodeUnpublishSuccess, key)
	s.result(c)
	if s.activity.isPublish() && (!named || key == s.activity.key) {
		s.unpublish(StopFCUnpublish)
	}
}

func (s *Server) fcNotice(notice string, c *message.Command, code, key string) {
	s.out.call(0, notice, c.Transaction, nil, message.Status{
		Level: message.LevelStatus, Code: code, Description: key[:min(len(key), nameBytesMax)],
	}.Object())
}
