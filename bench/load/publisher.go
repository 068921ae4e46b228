package main

import (
	"time"

	"mmids/amf"
	"mmids/bench/stream"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// publisher sends a stream, each message when it is due.
type publisher struct {
	link
	conversation *client.Conversation
	stream       *published
	problem      error // why it ended

	plan   *stream.Plan
	began  time.Time // when the stream's time is 0
	next   stream.Packet
	number uint64
	due    time.Time // of next, or when to try again because the server takes nothing
	body   []byte
}

// retry is how long a publisher waits while the server takes nothing.
const retry = time.Millisecond

// start sends what comes before the first message, which is due at began.
func (p *publisher) start(began time.Time, c stream.Config) {
	p.began, p.plan = began, stream.NewPlan(c)
	p.advance()
	s := p.conversation.Session()
	p.problem = firstError(
		s.SendMetadata(0, &amf.ECMAArray{Properties: []amf.Property{
			{Name: "width", Value: 1280.0}, {Name: "height", Value: 720.0}, {Name: "framerate", Value: float64(c.FPS)},
			{Name: "videocodecid", Value: 7.0}, {Name: "audiocodecid", Value: 10.0},
			{Name: "audiosamplerate", Value: 44100.0}, {Name: "stereo", Value: true},
		}}),
		s.SendMedia(message.TypeVideo, 0, stream.VideoConfig),
		s.SendMedia(message.TypeAudio, 0, stream.AudioConfig),
		p.output(),
	)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *publisher) advance() {
	p.next = p.plan.Next()
	p.due = p.began.Add(p.next.At)
}

// output sends what the session has queued.
func (p *publisher) output() error { return p.say(p.conversation) }

// publish sends the message that is due and returns how many bytes it had and how late it was. While the server takes
// nothing it returns 0, and the message waits.
func (p *publisher) publish(now time.Time) (size int, late time.Duration) {
	if len(p.unsent) > 0 {
		if p.problem = p.flush(); p.problem != nil || len(p.unsent) > 0 {
			p.due = now.Add(retry)
			return 0, 0
		}
	}
	sent := time.Now()
	p.body = stream.Append(p.body[:0], p.next, p.stream.number, p.number, sent)
	if p.problem = p.conversation.Session().SendMedia(p.next.Type, p.next.Timestamp(), p.body); p.problem == nil {
		p.problem = p.output()
	}
	late = sent.Sub(p.began.Add(p.next.At))
	p.number++
	p.stream.bytes += int64(len(p.body))
	p.advance()
	return len(p.body), late
}

// hear takes in what the server says to its publisher: acknowledgements and pings.
func (p *publisher) hear(b []byte) error {
	if p.secure != nil {
		var err error
		if b, err = p.secure.open(b); err != nil {
			return err
		}
	}
	if _, err := p.conversation.Feed(b); err != nil {
		return err
	}
	return p.output()
}

// queue is a heap of publishers; the one whose message is due first is at the front.
type queue []*publisher

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*publisher)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	*q = (*q)[:last]
	return p
}
