package server

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/fanout"
	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/engine/watch"
)

// watching is what a connection does while it waits for a stream or gets it.
type watching struct {
	channel *Channel
	output  *output
	group   *fanout.Group
	viewer  *fanout.Viewer
	socket  *socket // nil without a WebSocket
	begun   bool    // the head of the answer is out, and the stream follows

	progress watch.Progress
}

// contentTypes by format, as long as there is nothing more to say.
var contentTypes = [formats]string{
	flvInChunks: "video/x-flv", flvPlain: "video/x-flv", mp4InChunks: "video/mp4", mp4Plain: "video/mp4",
}

// show shows the client what it wants. A stream that nobody publishes yet is waited for.
func (c *conn) show() {
	w := c.wanted
	if c.headOnly {
		c.answerHead()
		return
	}
	channel, out, ok := c.server.join(c, w.registration, w.key, w.format)
	if !ok {
		c.refuse(w, &refusal{http.StatusServiceUnavailable, "The workflow has changed in the meantime; try again.", retryLater})
		return
	}
	now := time.Now()
	c.since = now
	c.watching = &watching{channel: channel, output: out, progress: watch.NewProgress(now)}
	if w.format == flvOverWebSocket {
		c.watching.socket = &socket{}
		c.tcp.Send(appendSwitch(nil, w.accept))
	}
	c.watch()
	c.describe(c.tcp.Note(&w.registration.request.Log, zerolog.InfoLevel)).Msg("viewer started")
	c.tellOfViewer(figures.ViewerStarted, w.registration, "")
}

// watch makes the connection a viewer of its output.
func (c *conn) watch() {
	w := c.watching
	o := w.output
	w.group = o.group(c.server, c.tcp.Loop())
	w.viewer = w.group.Add(c.tcp, fanout.ViewerConfig{
		FromNextKey: c.wanted.registration.request.FromNextKey, Begins: c.begins,
		Ended: func() { c.tcp.Do(func() { c.outputOver(o) }) }, // once the loop is done with the output's viewers
	})
}

// outputOver handles that what the client watches has other tracks or codecs from now on, which players do not take in the
// course of a stream. Whoever has seen nothing of it begins with these.
func (c *conn) outputOver(o *output) {
	w := c.watching
	switch {
	case w == nil || w.output != o || c.tcp.Closing():
	case w.begun:
		c.end(closeTryAgain, "The stream has other tracks or codecs now.")
	default:
		w.group.Remove(w.viewer)
		w.viewer = nil
		w.output = c.server.follow(w.channel, o)
		c.watch()
	}
}

// retryLater is the header of answers about streams that may be there soon.
const retryLater = "Retry-After: 2"

// answerHead answers a request for the head alone, as it would be answered now.
func (c *conn) answerHead() {
	w := c.wanted
	ch := c.server.shows(w.registration, w.key)
	if ch == nil || !ch.live.Load() {
		c.answer(http.StatusServiceUnavailable, "There is no such stream at the moment.", retryLater)
		return
	}
	contentType := contentTypes[w.format]
	if o := ch.outputs[w.format].Load(); o != nil {
		if no := o.refused.Load(); no != nil {
			c.answer(http.StatusUnsupportedMediaType, *no)
			return
		}
		contentType = o.mediaType()
	}
	c.finish(appendStreamHead(nil, contentType, w.format.inChunks()))
}

func (o *output) mediaType() string {
	if t := o.contentType.Load(); t != nil {
		return *t
	}
	return contentTypes[o.format]
}

// begins is called before the viewer gets the first of the log.
func (c *conn) begins() {
	w := c.watching
	w.begun = true
	var b []byte
	if w.socket == nil {
		b = appendStreamHead(nil, w.output.mediaType(), w.output.format.inChunks())
	}
	header := appendFileHeader(nil, byte(w.output.kinds.Load()))
	switch w.output.format {
	case flvInChunks:
		b = appendChunk(b, header)
	case flvPlain:
		b = append(b, header...)
	case flvOverWebSocket:
		b = appendFrame(b, opBinary, header)
	}
	c.tcp.Queue(b)
}

// end ends the client in order. A response that has begun just ends; code is for a WebSocket.
func (c *conn) end(code uint16, reason string) {
	if c.tcp.Closing() {
		return
	}
	w := c.watching
	switch {
	case w == nil:
		c.answer(http.StatusServiceUnavailable, reason, retryLater)
	case w.socket != nil:
		w.viewer.Interject(appendCloseFrame(nil, code, reason))
		c.ended = errDone
		c.tcp.CloseAfterFlush(fmt.Errorf("ended: %s", reason))
	case w.begun:
		end := []byte(nil)
		if w.output.format.inChunks() {
			end = []byte(lastChunk)
		}
		w.viewer.Interject(end) // behind the rest of a message that the viewer has part of
		c.ended = errDone
		c.tcp.CloseAfterFlush(fmt.Errorf("ended: %s", reason))
	case code == closePolicy:
		c.answer(http.StatusForbidden, reason)
	case code == closeUnsupported:
		c.answer(http.StatusUnsupportedMediaType, reason)
	default:
		c.answer(http.StatusServiceUnavailable, reason, retryLater)
	}
	c.stopWatching(reason)
}

// stopWatching takes the viewer off the channel, if there is one.
func (c *conn) stopWatching(reason string) {
	w := c.watching
	if w == nil {
		return
	}
	c.watching = nil
	r := c.wanted.registration
	if w.viewer != nil {
		w.group.Remove(w.viewer)
	}
	c.server.leave(c, r, w.output)
	w.channel.release()
	c.endApproval()
	if w.viewer != nil {
		c.describe(c.tcp.Note(&r.request.Log, zerolog.InfoLevel)).Str("reason", reason).Uint64("bytes", c.tcp.BytesSent()).Uint64("skips", w.viewer.Skips()).Msg("viewer stopped")
		c.tellOfViewer(figures.ViewerStopped, r, reason)
	}
}

// tickWatching ends a viewer that there is nothing for, or that takes nothing.
func (c *conn) tickWatching(now time.Time) {
	w := c.watching
	if why := w.output.refused.Load(); why != nil {
		c.end(closeUnsupported, *why+"; ask for .flv.")
		return
	}
	if w.output.over.Load() && !w.viewer.Blocked() { // the log may have gone before the viewer had everything
		c.outputOver(w.output)
		return
	}
	timeout := c.server.config.ReturnTimeout
	if !w.begun && now.Sub(c.since) > timeout || w.begun && w.channel.absentFor(now, c.since) > timeout {
		c.end(closeTryAgain, "There is no such stream at the moment.")
		return
	}
	c.checkViewer(now)
}

// checkViewer ends a viewer that takes nothing, and tells the log of skips.
func (c *conn) checkViewer(now time.Time) {
	w := c.watching
	if skips, news := w.progress.Skips(w.viewer); news {
		c.describe(c.tcp.Note(&c.wanted.registration.request.Log, zerolog.WarnLevel)).Uint64("skips", skips).Msg("viewer is too slow and skips to the newest key frame")
	}
	if w.progress.Stalled(w.viewer, now, c.tcp.BytesSent(), c.server.config.ViewerTimeout) {
		c.server.config.Limits.Exceeded(limits.ViewerTimeout)
		c.tcp.Close(errStalled)
	}
}
