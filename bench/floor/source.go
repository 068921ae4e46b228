package main

import (
	"time"

	"mmids/bench/stream"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// chunkSize is that of our server.
const chunkSize = 4096

// source makes the stream: RTMP messages in chunks, each with a whole header, as all viewers get them.
type source struct {
	plan     *stream.Plan
	interval time.Duration
	began    time.Time
	next     stream.Packet
	number   uint64
	flush    time.Time // the next one, if there is an interval
	body     []byte
}

func newSource(c stream.Config, interval time.Duration, now time.Time) *source {
	s := &source{plan: stream.NewPlan(c), interval: interval, began: now, flush: now.Add(interval)}
	s.next = s.plan.Next()
	return s
}

// due is when there is something to send.
func (s *source) due() time.Time {
	if s.interval > 0 {
		return s.flush
	}
	return s.began.Add(s.next.At)
}

// append appends what is to be sent now: the message that is due, or all that gathered up to the end of the interval.
func (s *source) append(dst []byte) []byte {
	if s.interval == 0 {
		return s.message(dst)
	}
	for s.began.Add(s.next.At).Before(s.flush) {
		dst = s.message(dst)
	}
	s.flush = s.flush.Add(s.interval)
	return dst
}

// message appends the next message. It counts as sent when it was due, so that gathering and being late both show.
func (s *source) message(dst []byte) []byte {
	const csid = 4 // any chunk stream beyond the control messages'
	s.body = stream.Append(s.body[:0], s.next, 0, s.number, s.began.Add(s.next.At))
	dst = chunk.AppendType0(dst, &chunk.Message{
		ChunkStream: csid, Type: s.next.Type, StreamID: 1, Timestamp: s.next.Timestamp(), Payload: s.body,
	}, chunkSize)
	s.number++
	s.next = s.plan.Next()
	return dst
}

// prelude is what every viewer gets first.
func prelude() []byte {
	size := message.SetChunkSize{Size: chunkSize}
	body, err := size.AppendBody(nil)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	const control = 2 // chunk stream of protocol control messages (RTMP 1.0 §5.4)
	return chunk.AppendType0(nil, &chunk.Message{ChunkStream: control, Type: size.Type(), Payload: body}, chunk.DefaultChunkSize)
}
