package step

import (
	"context"

	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	"mmids/rtmp/server"
)

// transcoding is a stream on its way through an ffmpeg and back. All of it belongs to the workflow's goroutine, but for what
// result guards itself.
type transcoding struct {
	process
	name   string
	feed   *feed                // to ffmpeg
	back   *server.Registration // for what ffmpeg publishes
	result *result
	ending bool // the source has ended and ffmpeg works off what it still has
}

// begun is the result that says that the first of a stream has come back from ffmpeg.
type begun struct{ by *transcoding }

// ended is the result that says that all of a stream has come back from ffmpeg.
type ended struct{ *transcoding }

func (s *transcode) begin(n *media.Notification) (*transcoding, error) {
	log := s.env.Log.With().Str("stream_id", string(n.Stream)).Str("stream_name", n.Name).Logger()
	f, err := openFeed(s.rtmp, appName("ffmpeg-transcoder-original", s.env), n, s.env, log)
	if err != nil {
		return nil, err
	}
	t := &transcoding{name: n.Name, feed: f}
	t.result = &result{futures: s.env.Futures, comes: func() { s.env.Futures.Post(begun{t}) }}
	request := internal(appName("ffmpeg-transcoder-result", s.env), string(n.Stream), s.env, log)
	request.StreamID = n.Stream
	if t.back, err = s.rtmp.ListenPublishers(request, t.result); err != nil {
		f.close()
		return nil, err
	}
	job := s.job
	job.Input, job.InputProtocols = f.url(), ffmpeg.InternalProtocols
	job.Target, job.TargetProtocols = ffmpeg.FLV{URL: t.back.URL()}, ffmpeg.InternalProtocols
	t.process = startProcess(s.processes, s.env, n.Stream, log, job)
	return t, nil
}

// finish lets ffmpeg read to the end of its feed and go. When all that it has published is there, ended follows; that
// takes no longer than a process may take to finish.
func (t *transcoding) finish(futures workflow.Futures) {
	t.ending = true
	t.feed.finish(t.Done())
	t.Finish()
	futures.Go(func(ctx context.Context) any {
		select {
		case <-t.Done():
		case <-ctx.Done():
			return nil
		}
		select {
		case <-t.result.drained():
			return ended{t}
		case <-ctx.Done():
			return nil
		}
	})
}

// close ends the stream at once.
func (t *transcoding) close() {
	t.back.Close() // before ffmpeg's last words: nothing of the stream may follow its end
	t.Stop()
	if !t.ending { // otherwise it is closed when ffmpeg has gone
		t.feed.close()
	}
}
