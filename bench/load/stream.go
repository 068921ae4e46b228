package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// stream is one publisher with its viewers.
type stream struct {
	number    uint32
	url       string
	publisher *client.Publisher
	checkers  []*checker
	counters  []*counter

	sent    atomic.Uint64 // packets
	bytes   atomic.Uint64 // of tag bodies
	err     error         // of publishing; set before done is closed
	done    chan struct{}
	packets plan
}

func newStream(o options, i int) *stream {
	return &stream{
		number: uint32(i), url: fmt.Sprintf("%s/load%d", strings.TrimSuffix(o.target, "/"), i),
		done: make(chan struct{}), packets: newPlan(o),
	}
}

// connecting is how many clients connect at the same time. A server that limits new connections per second would
// otherwise be measured for that.
const connecting = 32

// connect brings everybody to the server: viewers first, so that all get the same bytes.
func connect(ctx context.Context, o options, streams []*stream) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, connecting)
	var everybody sync.WaitGroup
	each := func(f func() error) {
		slots <- struct{}{}
		everybody.Go(func() {
			defer func() { <-slots }()
			if err := f(); err != nil {
				cancel(err)
			}
		})
	}
	for _, s := range streams {
		s.checkers, s.counters = make([]*checker, o.verify), make([]*counter, o.viewers-o.verify)
		for i := range s.checkers {
			each(func() (err error) {
				s.checkers[i], err = newChecker(ctx, s)
				return err
			})
		}
		for i := range s.counters {
			each(func() (err error) {
				s.counters[i], err = newCounter(ctx, s)
				return err
			})
		}
	}
	everybody.Wait()
	for _, s := range streams {
		each(func() (err error) {
			if ctx.Err() == nil {
				s.publisher, err = client.Publish(ctx, s.url, client.Config{})
			}
			return err
		})
	}
	everybody.Wait()
	return context.Cause(ctx)
}

// publishAll sends all streams, spread over a frame's time as the streams of strangers are, and closes the channel when
// all have been sent.
func publishAll(ctx context.Context, o options, streams []*stream) <-chan struct{} {
	done := make(chan struct{})
	for i, s := range streams {
		go s.publish(ctx, s.packets.interval()*time.Duration(i)/time.Duration(len(streams)))
	}
	go func() {
		for _, s := range streams {
			<-s.done
		}
		close(done)
	}()
	return done
}

// publish sends a stream in real time, beginning after a delay.
func (s *stream) publish(ctx context.Context, delay time.Duration) {
	defer close(s.done)
	began := time.Now().Add(delay)
	wait := time.NewTimer(delay)
	defer wait.Stop()
	send := func(kind uint8, timestamp uint32, body []byte) bool {
		s.err = s.publisher.WriteMedia(kind, timestamp, body)
		return s.err == nil
	}
	if !send(message.TypeVideo, configTime, videoConfig) || !send(message.TypeAudio, configTime, audioConfig) {
		return
	}
	var body []byte
	for number := uint64(0); ; number++ {
		p, more := s.packets.next()
		if !more {
			return
		}
		wait.Reset(time.Until(began.Add(p.at)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			return
		case <-s.publisher.Done():
			s.err = s.publisher.Err()
			return
		}
		timestamp := uint32(p.at.Milliseconds())
		body = appendPacket(body[:0], p.header, p.size, s.number, number, timestamp, time.Now())
		if !send(p.kind, timestamp, body) {
			return
		}
		s.sent.Add(1)
		s.bytes.Add(uint64(len(body)))
	}
}

func (s *stream) close() {
	if s.publisher != nil {
		s.publisher.Close()
	}
	for _, c := range s.checkers {
		c.close()
	}
	for _, c := range s.counters {
		c.close()
	}
}

// plan is the packets of a stream, one after the other.
type plan struct {
	length       time.Duration
	fps, gop     int
	key, inter   int // bytes
	frame, sound int // numbers of the next
}

// Sizes and times of the streams. AAC of 128 kbit/s at 48 kHz has a frame of 1,024 samples each 21.3 ms.
const (
	keyFactor  = 6 // how much larger a key frame is than another
	audioBytes = 341
	audioEvery = 1024 * time.Second / 48000
)

func newPlan(o options) plan {
	// One key frame and gop-1 others make up the bits of their time.
	inter := o.bitrate * o.gop / (8 * o.fps) / (o.gop - 1 + keyFactor)
	return plan{length: time.Duration(o.seconds) * time.Second, fps: o.fps, gop: o.gop, inter: inter, key: keyFactor * inter}
}

func (p *plan) interval() time.Duration { return time.Second / time.Duration(p.fps) }

// planned is a packet that is to be sent.
type planned struct {
	at     time.Duration // since the beginning of the stream
	kind   uint8
	header []byte
	size   int
}

func (p *plan) next() (planned, bool) {
	video := time.Duration(p.frame) * time.Second / time.Duration(p.fps)
	audio := time.Duration(p.sound) * audioEvery
	if min(video, audio) >= p.length {
		return planned{}, false
	}
	if audio < video {
		p.sound++
		return planned{audio, message.TypeAudio, audioHeader, audioBytes}, true
	}
	p.frame++
	if (p.frame-1)%p.gop == 0 {
		return planned{video, message.TypeVideo, keyHeader, p.key}, true
	}
	return planned{video, message.TypeVideo, interHeader, p.inter}, true
}
