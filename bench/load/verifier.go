package main

import (
	"fmt"
	"time"

	"mmids/bench/result"
	"mmids/bench/stream"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// verifier is a viewer that reads at once and looks at every byte and time.
type verifier struct {
	viewer
	in      input
	leading leading
	shape   stream.Config

	checked  result.Checked
	problems []string // the first few
	running  bool     // a key frame has come; before it, a server may hold back what cannot be shown yet
	expected uint64   // number of the next message
	shift    uint32   // of all times against those that were sent
	payload  int64    // bytes of tag bodies that came

	// excess finds out what a byte of a tag body takes on the connection.
	excess       arrears
	payloadBegin int64
	payloadEnd   int64
}

// leading says what the first verifying viewer does for a stream that somebody else publishes.
type leading uint8

const (
	notLeading leading = iota
	counting           // what it gets is what was published
	copying            // what it gets says when the stream began
)

// input makes messages of bytes.
type input interface {
	Feed(b []byte) ([]client.Message, error)
}

// take takes in bytes of the connection, and calls latency with that of each message, in order.
func (v *verifier) take(b []byte, now time.Time, latency func(sent time.Time, d time.Duration)) error {
	if v.secure != nil {
		var err error
		if b, err = v.secure.open(b); err != nil {
			return err
		}
	}
	messages, err := v.in.Feed(b)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Type != message.TypeAudio && m.Type != message.TypeVideo {
			continue
		}
		v.payload += int64(len(m.Payload))
		if sent, ok := v.check(m); ok {
			latency(sent, now.Sub(sent))
		}
	}
	if v.leading == counting {
		v.stream.bytes = v.payload
	}
	v.excess.see(v.received - v.payload)
	v.arrears.see(v.lacking())
	if c, ok := v.in.(*client.Conversation); ok {
		return v.say(c) // acknowledgements, and answers to pings
	}
	return nil
}

// check reports when a message was sent, if it is one with a mark.
func (v *verifier) check(m client.Message) (sent time.Time, ok bool) {
	mark, config, err := stream.Read(m.Type, m.Payload)
	if config {
		return sent, false
	}
	c := &v.checked
	c.Messages++
	first := !v.running
	v.running = v.running || m.Type == message.TypeVideo && mark.Key
	switch {
	case err != nil:
		c.Damaged++
		v.tell("%v", err)
		return sent, false
	case mark.Stream != v.stream.number && v.leading == notLeading:
		c.Damaged++
		v.tell("message %d belongs to stream %d", mark.Number, mark.Stream)
		return sent, false
	}
	switch shift := m.Timestamp - mark.Timestamp; {
	case first:
		v.shift = shift
	case shift != v.shift:
		c.Moved++
		v.tell("message %d has the time %d instead of %d", mark.Number, m.Timestamp, mark.Timestamp+v.shift)
		v.shift = shift
	}
	if !first && mark.Number != v.expected {
		c.Gaps++
		v.tell("message %d came instead of %d", mark.Number, v.expected)
	}
	v.expected = mark.Number + 1
	if v.leading == copying && v.stream.copy == nil {
		v.stream.copy = newRawCopy(v.shape, mark)
	}
	return mark.Sent, true
}

// tell keeps what was wrong; thousands of the same help nobody.
func (v *verifier) tell(format string, a ...any) {
	const most = 3
	if len(v.problems) < most {
		v.problems = append(v.problems, fmt.Sprintf(format, a...))
	}
}

// overhead is how many bytes on a connection a byte of a tag body takes, from what the verifying viewers found while
// measuring.
func overhead(all []*verifier) float64 {
	var excess, payload int64
	for _, v := range all {
		excess += v.excess.last - v.excess.first
		payload += v.payloadEnd - v.payloadBegin
	}
	if payload == 0 || excess < 0 {
		return 1
	}
	return 1 + float64(excess)/float64(payload)
}
