package session

import "mmids/rtmp/message"

// calls are the calls of a client that wait for an answer, by transaction.
type calls struct {
	last    float64
	waiting []call
}

type call struct {
	transaction float64
	name        string
	streamID    uint32 // of publish and play
}

// begin notes a call and returns its transaction. When too many wait, the oldest is forgotten: servers need not answer
// releaseStream and its like.
func (cs *calls) begin(name string, streamID uint32) float64 {
	cs.last++
	if len(cs.waiting) == pendingCallsMax {
		cs.waiting = append(cs.waiting[:0], cs.waiting[1:]...)
	}
	cs.waiting = append(cs.waiting, call{cs.last, name, streamID})
	return cs.last
}

// end takes the call that an answer is for.
func (cs *calls) end(transaction float64) (call, bool) {
	for i, c := range cs.waiting {
		if c.transaction == transaction {
			cs.waiting = append(cs.waiting[:i], cs.waiting[i+1:]...)
			return c, true
		}
	}
	return call{}, false
}

// call queues a command and notes that it wants an answer.
func (c *Client) call(streamID uint32, name string, object any, arguments ...any) {
	c.out.call(streamID, name, c.calls.begin(name, streamID), object, arguments...)
}

// command is the table of what a server says.
func (c *Client) command(streamID uint32, m *message.Command) {
	switch m.Name {
	case "_result":
		if call, ok := c.calls.end(m.Transaction); ok {
			c.answered(call, m)
		}
	case "_error":
		if call, ok := c.calls.end(m.Transaction); ok {
			c.refused(call, m)
		}
	case "onStatus":
		// Some servers give onStatus a transaction or the wrong message stream; neither is needed to understand it.
		c.status(streamID, m)
	case "onBWDone":
		// Flash Media Server measures the bandwidth only if asked, and its clients ask.
		c.call(0, "_checkbw", nil)
	}
}

func (c *Client) answered(call call, m *message.Command) {
	switch call.name {
	case "connect":
		c.onConnected(m)
	case "createStream":
		c.onStreamCreated(m)
	}
}

// refused reports an _error. Servers refuse releaseStream, FCPublish and _checkbw and mean nothing by it.
func (c *Client) refused(call call, m *message.Command) {
	switch call.name {
	case "connect", "createStream":
	case "publish", "play":
		if call.streamID != c.stream.id {
			return
		}
	default:
		return
	}
	refusal := &RefusedError{During: call.name}
	for _, v := range append([]any{m.Object}, m.Arguments...) {
		if status, ok := message.StatusOf(v); ok {
			refusal.Status = status
		}
	}
	c.stream = clientStream{}
	c.handler.OnError(refusal)
}
