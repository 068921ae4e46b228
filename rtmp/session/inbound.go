package session

import "mmids/rtmp/message"

// inbound counts what the peer sends and knows when it wants an acknowledgement (RTMP 1.0 §5.4.3, §5.4.4).
type inbound struct {
	window       uint64 // bytes between acknowledgements; 0: none wanted
	acknowledged uint64 // count of the last one
}

func (in *inbound) setWindow(size uint32) {
	in.window = uint64(size)
	if size != 0 {
		in.window = max(in.window, ackWindowMin)
	}
}

// received queues an acknowledgement when a window's worth has come in since the last. However small the window, one
// call makes at most one.
func (in *inbound) received(total uint64, out *outbound) {
	if in.window == 0 || total-in.acknowledged < in.window {
		return
	}
	in.acknowledged = total
	out.acknowledge(total)
}

// ping is what is known of the pings that this side sent.
type ping struct {
	timestamp uint32
	pongs     uint64
}

// userControl does what both sides do on a user control message. Pings are answered, the rest is for information.
func userControl(m *message.UserControl, p *ping, out *outbound) {
	switch m.Event {
	case message.EventPingRequest:
		out.userControl(message.UserControl{Event: message.EventPingResponse, Timestamp: m.Timestamp})
	case message.EventPingResponse:
		p.timestamp = m.Timestamp
		p.pongs++
	}
}
