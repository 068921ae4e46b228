package api

import (
	"bufio"
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"mmids/engine/media"
	"mmids/engine/panics"
	"mmids/engine/workflow"
	"mmids/mp4"
)

const (
	// previewBeginMax is how long a preview waits for the stream's next key frame. Encoders send one every 2 to 10 s.
	previewBeginMax = 15 * time.Second

	// previewWriteTimeout is how long a client may take nothing of what there is for it.
	previewWriteTimeout = 10 * time.Second
)

// Tapper is what a preview needs of the workflow manager.
type Tapper interface {
	Tap(ctx context.Context, workflow string, stream media.StreamID) (*workflow.Tap, error)
}

// PreviewRoute is where the official distribution shows streams to whoever runs the server.
func PreviewRoute(t Tapper, workflowOf func(media.StreamID) (string, bool)) Route {
	return Route{Method: "GET", Path: []Part{Exact("streams"), Param(previewParam), Exact("preview.mp4")}, Handler: Preview(t, workflowOf)}
}

const previewParam = "stream"

// Preview answers with a live stream as fragmented MP4, from its next key frame to its end: ftyp and moov, then moof and mdat for
// each frame. It ends before when other tracks or codecs come; who asks again gets those. workflowOf says which workflow has a
// stream. Answers with a text:
//
//	404  there is no such stream
//	415  MP4 is not made of its codecs
//	503  as many look on as a workflow allows, the workflow does not answer, or no key frame came
func Preview(t Tapper, workflowOf func(media.StreamID) (string, bool)) Handler {
	return func(r *Request) {
		id, _ := r.Param(previewParam)
		name, _ := workflowOf(media.StreamID(id))
		ctx, cancel := context.WithTimeout(r.closing, detailsTimeout)
		defer cancel()
		tap, err := t.Tap(ctx, name, media.StreamID(id))
		switch {
		case errors.Is(err, workflow.ErrNotFound), errors.Is(err, workflow.ErrNoStream):
			r.Text(fasthttp.StatusNotFound, "No such stream")
		case errors.Is(err, context.DeadlineExceeded):
			r.Text(fasthttp.StatusServiceUnavailable, "No preview: the workflow does not answer")
		case err != nil:
			r.Text(fasthttp.StatusServiceUnavailable, "No preview: "+err.Error())
		default:
			newPreview(tap, r).answer(r)
		}
	}
}

// preview is one answer. It outlives its Request, of which it keeps nothing but what is copied here.
type preview struct {
	tap     *workflow.Tap
	closing context.Context
	conn    interface{ SetWriteDeadline(time.Time) error }
	log     zerolog.Logger

	muxer mp4.Muxer
	ready []byte // to be sent
	over  error  // why nothing follows what is ready
}

func newPreview(tap *workflow.Tap, r *Request) *preview {
	p := &preview{tap: tap, closing: r.closing, conn: r.HTTP.Conn(), log: r.Log}
	p.muxer.Output = p
	return p
}

// What ends a preview, apart from its client.
var (
	errBegun        = errors.New("there is something to send") // ends only the wait for the beginning
	errStreamEnded  = errors.New("the stream has ended")
	errOtherCodecs  = errors.New("other tracks or codecs follow")
	errCannotBeMade = errors.New("MP4 cannot be made of it")
)

// answer waits for the beginning, since only that says which codecs there are, and streams the rest.
func (p *preview) answer(r *Request) {
	ctx, cancel := context.WithTimeout(p.closing, previewBeginMax)
	defer cancel()
	err := p.tap.Listen(ctx, func(batch []media.Notification) error {
		p.take(batch)
		if p.over == nil && len(p.ready) > 0 {
			return errBegun
		}
		return p.over
	})
	if !errors.Is(err, errBegun) {
		p.close()
		p.refuse(r, err)
		return
	}
	header := &r.HTTP.Response.Header
	header.SetContentType(p.muxer.ContentType())
	header.Set(fasthttp.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies are to pass each frame on at once
	r.HTTP.Response.ImmediateHeaderFlush = true
	r.HTTP.SetBodyStreamWriter(p.run)
}

// refuse answers when the beginning has not come.
func (p *preview) refuse(r *Request, err error) {
	switch {
	case errors.Is(err, errCannotBeMade):
		r.Text(fasthttp.StatusUnsupportedMediaType, p.muxer.Refused())
	case errors.Is(err, context.DeadlineExceeded):
		r.Text(fasthttp.StatusServiceUnavailable, "No key frame came")
	default:
		r.Text(fasthttp.StatusNotFound, "The stream has ended")
	}
}

// run sends what comes, on a goroutine of its own.
func (p *preview) run(w *bufio.Writer) {
	defer p.close()
	panics.Contain(p.log, "panic in a preview", func() {
		err := p.send(w)
		if err == nil {
			err = p.tap.Listen(p.closing, func(batch []media.Notification) error {
				p.take(batch)
				return p.send(w)
			})
		}
		p.log.Debug().AnErr("reason", err).Uint64("dropped", p.tap.Dropped()).Msg("preview ends")
	})
}

// send sends what is ready, and returns why nothing follows. The server's write timeout is for whole answers, and this one has
// no end.
func (p *preview) send(w *bufio.Writer) error {
	_ = p.conn.SetWriteDeadline(time.Now().Add(previewWriteTimeout)) // fails only if the connection has gone
	_, err := w.Write(p.ready)
	p.ready = p.ready[:0]
	return errors.Join(err, w.Flush(), p.over)
}

// take makes MP4 of notifications, which are borrowed.
func (p *preview) take(batch []media.Notification) {
	for i := range batch {
		switch n := &batch[i]; n.Event {
		case media.NewStream:
			p.muxer.Begin()
		case media.MetadataChanged:
			p.muxer.Describe(n.Metadata)
		case media.Coded:
			p.muxer.Add(&n.Packet)
		case media.Disconnected:
			p.muxer.End()
			p.end(errStreamEnded)
		}
	}
	if p.muxer.Refused() != "" {
		p.end(errCannotBeMade)
	}
}

// end notes the first reason.
func (p *preview) end(reason error) {
	if p.over == nil {
		p.over = reason
	}
}

func (p *preview) close() {
	p.tap.Close()
	p.muxer.End() // which gives back the frame that it holds
}

// Write implements mp4.Output.
func (p *preview) Write(u mp4.Unit) {
	if p.over == nil {
		p.ready = append(append(p.ready, u.Head...), u.Payload...)
	}
}

// Restart implements mp4.Output.
func (p *preview) Restart() {
	if p.muxer.Refused() == "" {
		p.end(errOtherCodecs)
	}
}
