package server

import (
	"errors"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/media"
	"mmids/engine/metadata"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// publishing is what a connection does while it publishes.
type publishing struct {
	registration *Registration
	key          string
	stream       media.StreamID
	clock        clock
	live         *live
	waits        bool // it is read in bulk
}

const (
	// bulkInterval is how often a publisher is read that nobody waits for, if its rate stays the same.
	bulkInterval = 200 * time.Millisecond

	// bulkRateMin is the rate, in bytes per second, from which reading in bulk is worth it.
	bulkRateMin = 16 << 10

	// patienceMin is the patience from which it is: a frame of video and one or two of audio.
	patienceMin = 40 * time.Millisecond

	// bulkPublishersMin is how many publishers a loop must have for it to be worth it while somebody watches. With few there
	// is little to save, and what of a large key frame does not fit into the socket waits for the next round.
	bulkPublishersMin = 16
)

// OnPublish implements session.ServerHandler.
func (c *conn) OnPublish(p session.Publish) {
	r, _, no := c.server.mayPublish(c, p.Key)
	switch {
	case no != nil:
		c.refusePublishRequest(p, no)
	case r.request.Approve == nil:
		c.startPublishing(r, p)
	default:
		c.ask(r, p.Key, p.Query, true,
			func() { c.startPublishing(r, p) },
			func(reason string) { c.refusePublishRequest(p, &refusal{codePublishDenied, reason}) })
	}
}

func (c *conn) startPublishing(r *Registration, p session.Publish) {
	stream := r.request.StreamID
	if stream == "" {
		stream = media.NewStreamID()
	}
	live := c.newLive(r, p.Key, stream)
	dead, no := c.server.claim(c, r, p.Key, livePublisher{c, stream, live})
	if no != nil {
		c.endApproval()
		c.refusePublishRequest(p, no)
		return
	}
	if dead.conn != nil {
		// Said here, so that nobody hears of the new stream while the key still seems taken by the old one.
		c.batch = append(c.batch, media.Notification{Event: media.Disconnected, Stream: dead.stream})
		c.countLimit(errSilent)
		dead.conn.close(errSilent)
	}
	c.onLoop().publishers++
	c.publishing = &publishing{
		registration: r, key: p.Key, stream: stream, live: live,
	}
	c.reader.SetPartialBytesMax(c.server.config.Chunk.PartialBytesMax)
	c.describePublishing(c.tcp.Note(&r.request.Log, zerolog.InfoLevel)).Msg("publisher started")
	c.beginLive()
	c.batch = append(c.batch, media.Notification{
		Event: media.NewStream, Stream: stream, Name: p.Key,
		Source: &media.Source{ConnectionID: c.tcp.ID(), App: c.app, Query: p.Query, ClientIP: c.tcp.Remote().Addr().String()},
	})
	c.session.AcceptPublish(p.Request)
}

// stopPublishing ends the stream, if there is one.
func (c *conn) stopPublishing(reason string) {
	p := c.publishing
	if p == nil {
		return
	}
	defer func() { c.publishing = nil }()
	c.onLoop().publishers--
	defer c.server.leave(c, p.registration, p.key)
	c.batch = append(c.batch, media.Notification{Event: media.Disconnected, Stream: p.stream})
	c.deliver()
	packets, sums := p.live.meter.Received()
	c.describePublishing(c.tcp.Note(&p.registration.request.Log, zerolog.InfoLevel)).Str("reason", reason).Uint64("packets", packets).Uint64("bytes", sums.Bytes).
		Uint64("dropped", sums.Dropped).Msg("publisher stopped")
	c.endLive(reason)
	c.readAtOnce()
}

// describePublishing is describe for what the connection publishes.
func (c *conn) describePublishing(e *zerolog.Event) *zerolog.Event {
	return c.describeStream(e, c.publishing.key).Str("stream_id", string(c.publishing.stream))
}

// pace has a publisher read seldom whose media may come later, as far as its rate, in bytes per second, allows.
func (c *conn) pace(rate uint64) {
	p := c.publishing
	patience := p.registration.request.Owner.Patience()
	n := bytesIn(bulkInterval, rate)
	if patience < workflow.Endless {
		n = 2 * bytesIn(patience, rate) // so that it is the time that counts, unless a key frame makes more of it
	}
	watched := patience < workflow.Endless
	if rate < bulkRateMin || patience < patienceMin || watched && (n > tcp.BulkBytesMax || c.fewPublishers()) {
		c.readAtOnce()
		return
	}
	p.waits = true
	c.tcp.ReadInBulk(n, patience)
}

func (c *conn) fewPublishers() bool { return c.onLoop().publishers < bulkPublishersMin }

func bytesIn(d time.Duration, rate uint64) int { return int(float64(rate) * d.Seconds()) }

func (c *conn) readAtOnce() {
	c.publishing.waits = false
	c.tcp.ReadInBulk(1, workflow.Endless)
}

// tickPublishing finds out whether a silent publisher is alive, and ends it if it is not.
func (c *conn) tickPublishing(now time.Time) {
	c.pace(c.tickLive(now).Bytes) // ticks are a second apart
	timeout := c.server.config.PublishTimeout
	silence := time.Duration(elapsed(now) - c.heard.Load())
	switch {
	case silence > timeout && c.pinged:
		c.closeByLimit(errSilent)
	case silence > timeout/2 && !c.pinged:
		c.pinged = true
		c.session.Ping(uint32(now.UnixMilli()))
		c.flush()
	}
}

// close ends the connection from outside without a word: the peer is dead. Any goroutine.
func (c *conn) close(cause error) {
	c.tcp.Do(func() { c.tcp.Close(cause) })
}

// OnMedia implements session.ServerHandler. The payload becomes the packet's memory.
func (c *conn) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	p := c.publishing
	taken := false
	defer func() { // also if a parser panics
		if !taken {
			media.Free(payload)
		}
	}()
	packet, err := parsePacket(messageType, payload)
	if err != nil {
		if err != errNoFrame { // encoders end their streams with one
			c.drop(err, messageType, len(payload))
		}
		return
	}
	taken = true
	packet.Time = p.clock.unwrap(timestamp)
	packet.Body = media.NewBuffer(payload)
	p.live.meter.Note(&packet)
	c.batch = append(c.batch, media.Notification{Event: media.Coded, Stream: p.stream, Packet: packet, Waited: p.waits})
}

// drop counts a message that cannot be passed on. Only the first is worth a line: a camera that sends one sends many.
func (c *conn) drop(err error, messageType uint8, size int) {
	p := c.publishing
	if p.live.meter.Dropped() == 1 {
		c.describePublishing(c.tcp.Note(&p.registration.request.Log, zerolog.WarnLevel)).Err(err).Str("message", message.TypeName(messageType)).Int("bytes", size).
			Msg("publisher sends messages that are no media; they are left out")
	}
}

// dropData is drop for data messages, which have limits.
func (c *conn) dropData(err error, messageType uint8, size int) {
	c.countLimit(err)
	c.drop(err, messageType, size)
}

// OnMetadata implements session.ServerHandler.
func (c *conn) OnMetadata(_ uint32, m session.Metadata) {
	if m.Cleared || c.publishing == nil {
		return
	}
	if len(m.Body) > scriptBytesMax {
		c.dropData(errScriptTooLong, message.TypeDataAMF0, len(m.Body))
		return
	}
	description := metadata.Of(m.Properties, m.Body)
	c.publishing.live.meter.Describe(description)
	c.batch = append(c.batch, media.Notification{
		Event: media.MetadataChanged, Stream: c.publishing.stream, Metadata: description,
	})
}

// OnData implements session.ServerHandler: captions and cue points travel like media.
func (c *conn) OnData(_ uint32, d session.Data) {
	p := c.publishing
	if p == nil {
		return
	}
	if len(d.Body) > scriptBytesMax {
		c.dropData(errScriptTooLong, message.TypeDataAMF0, len(d.Body))
		return
	}
	c.batch = append(c.batch, media.Notification{
		Event: media.Coded, Stream: p.stream,
		Packet: media.Packet{Kind: media.Other, Type: typeScript, Time: p.clock.unwrap(d.Timestamp), Body: media.CopyBuffer(d.Body)},
	})
}

// typeScript is the payload type of script data that is not the stream's description.
const typeScript = "flv-script"

var errScriptTooLong = errors.New("script data too long")
