package session

import "mmids/rtmp/message"

// Ping queues a ping request (RTMP 1.0 §7.1.7). timestamp, in milliseconds of the owner's clock, comes back in the answer.
func (s *Server) Ping(timestamp uint32) {
	if s.ending == endingNot {
		s.out.userControl(message.UserControl{Event: message.EventPingRequest, Timestamp: timestamp})
	}
}

// LastPong is the timestamp of the last answer to a ping, and how many answers there have been. A client may answer
// what nobody asked.
func (s *Server) LastPong() (timestamp uint32, count uint64) { return s.ping.timestamp, s.ping.pongs }
