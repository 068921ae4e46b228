package server

import (
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/watch"
	"mmids/flv"
	"mmids/rtmp/session"
)

// watching is what a connection does while it plays.
type watching struct {
	registration *Registration
	channel      *Channel
	key          string
	group        *fanout.Group
	viewer       *fanout.Viewer
	progress     watch.Progress
	toldAbsence  int64 // Channel.endedAt of the end that the viewer was told of
}

// OnPlay implements session.ServerHandler. A stream that nobody publishes yet is watched just the same.
func (c *conn) OnPlay(p session.Play) {
	r, no := c.server.mayPlay(c, p.Key)
	switch {
	case no != nil:
		c.refusePlayRequest(p, no)
	case r.request.Approve == nil:
		c.startWatching(r, p)
	default:
		c.ask(r, p.Key, p.Query, false,
			func() { c.startWatching(r, p) },
			func(reason string) { c.refusePlayRequest(p, &refusal{session.CodePlayFailed, reason}) })
	}
}

func (c *conn) startWatching(r *Registration, p session.Play) {
	channel, first, no := c.server.join(c, r, p.Key)
	if no != nil {
		c.endApproval()
		c.refusePlayRequest(p, no)
		return
	}
	c.session.AcceptPlay(p.Request)
	group := channel.group(c.tcp.Loop())
	c.watching = &watching{
		registration: r, channel: channel, key: p.Key, group: group, progress: watch.NewProgress(time.Now()),
		viewer: group.Add(c.tcp, fanout.ViewerConfig{
			FromNextKey: r.request.FromNextKey, FromOldest: first && r.request.KeepBeginning,
			Rewrite: c.rewriter(p.StreamID), Ended: c.streamFinished,
		}),
	}
	c.flush() // before the loop comes to the viewer's first media, and after what the client may rely on
	c.describeStream(c.tcp.Note(&r.request.Log, zerolog.InfoLevel), p.Key).Msg("viewer started")
	c.tellOfViewer(figures.ViewerStarted, r, p.Key, "")
}

// rewriter returns what makes other bytes of the log's for this viewer, or nil for nearly all.
func (c *conn) rewriter(streamID uint32) func(dst, msg []byte) []byte {
	switch {
	case c.abilities != nil:
		scratch := &c.server.scratches[c.tcp.Loop().Index()]
		return (&selection{can: c.abilities, streamID: streamID, fail: c.cannotTake, scratch: scratch}).rewrite
	case streamID != wireStreamID:
		return func(dst, msg []byte) []byte { return appendOn(streamID, dst, msg) }
	}
	return nil
}

// cannotTake ends a viewer of a stream that it cannot take, once the loop is done with the channel's viewers.
func (c *conn) cannotTake(kind media.Kind, codec flv.Codec) {
	w := c.watching
	c.tcp.Do(func() {
		if c.watching != w || c.tcp.Closing() { // it has stopped by itself in the meantime
			return
		}
		no := refuseCodec(kind, codec, c.abilities)
		c.refuse("play", shown(w.key), no)
		c.session.FailPlay(no.description)
		c.flush()
	})
}

// streamFinished ends a viewer that has got all there will ever be, once the loop is done with the channel's viewers.
func (c *conn) streamFinished() { c.withdraw("The stream has ended.") }

// stopWatching takes the viewer off the channel, if there is one.
func (c *conn) stopWatching(reason string) {
	w := c.watching
	if w == nil {
		return
	}
	c.watching = nil
	w.viewer.Interject(nil) // whatever follows on this connection does not follow half a message
	w.group.Remove(w.viewer)
	c.server.leave(c, w.registration, w.key)
	w.channel.release()
	c.describeStream(c.tcp.Note(&w.registration.request.Log, zerolog.InfoLevel), w.key).Str("reason", reason).Uint64("bytes", c.tcp.BytesSent()).Uint64("skips", w.viewer.Skips()).Msg("viewer stopped")
	c.tellOfViewer(figures.ViewerStopped, w.registration, w.key, reason)
}

// tickWatching ends a viewer that takes nothing, and tells the log of skips.
func (c *conn) tickWatching(now time.Time) {
	c.granted = c.reader.BytesRead()
	w := c.watching
	if skips, news := w.progress.Skips(w.viewer); news {
		c.describeStream(c.tcp.Note(&w.registration.request.Log, zerolog.WarnLevel), w.key).Uint64("skips", skips).Msg("viewer is too slow and skips to the newest key frame")
	}
	c.noteAbsence(now)
	if w.progress.Stalled(w.viewer, now, c.tcp.BytesSent(), c.server.config.ViewerTimeout) {
		c.closeByLimit(errStalled)
	}
}

// noteAbsence tells the viewer that its publisher has gone, once, if none has returned for a while. Players that
// record take it for the end.
func (c *conn) noteAbsence(now time.Time) {
	w := c.watching
	ended := w.channel.endedAt.Load()
	if ended == 0 || ended == w.toldAbsence || elapsed(now)-ended < int64(c.server.config.ReturnTimeout) {
		return
	}
	w.toldAbsence = ended
	if c.session.NotifyUnpublish() {
		c.flush()
	}
}
