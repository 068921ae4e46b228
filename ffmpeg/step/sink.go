package step

import (
	"slices"
	"strings"

	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
)

// sink is a step that passes all media on and gives every stream to an ffmpeg of its own, which keeps running until the
// stream ends.
type sink struct {
	env       workflow.Env
	rtmp      RTMP
	processes Processes
	prefix    string // of the app names
	job       func(input string, n *media.Notification) (ffmpeg.Job, error)
	feeds     feeds
	running   map[media.StreamID]process
}

func newSink(
	rtmp RTMP, processes Processes, env workflow.Env, prefix string, job func(string, *media.Notification) (ffmpeg.Job, error),
) *sink {
	return &sink{
		env: env, rtmp: rtmp, processes: processes, prefix: prefix, job: job,
		feeds:   feeds{open: make(map[media.StreamID]*feed)},
		running: make(map[media.StreamID]process),
	}
}

// take handles what has arrived. A stream that is announced twice is announced once further on.
func (s *sink) take(in []media.Notification, out *workflow.Output) error {
	for i := range in {
		n := &in[i]
		_, known := s.running[n.Stream]
		switch {
		case n.Event == media.NewStream && known:
			continue
		case n.Event == media.NewStream:
			if err := s.begin(n); err != nil {
				return err
			}
		case n.Event == media.Disconnected:
			s.end(n.Stream)
		default:
			s.feeds.append(n)
		}
		out.Pass(*n)
	}
	s.feeds.publish()
	return nil
}

func (s *sink) begin(n *media.Notification) error {
	log := s.env.Log.With().Str("stream_id", string(n.Stream)).Str("stream_name", n.Name).Logger()
	f, err := openFeed(s.rtmp, appName(s.prefix, s.env), n, s.env, log)
	if err != nil {
		return err
	}
	job, err := s.job(f.url(), n)
	if err != nil { // about this stream's name; others may have better ones
		f.close()
		log.Error().Err(err).Msg("ffmpeg cannot be given the stream")
		return nil
	}
	if len(s.running) > 0 && s.prefix == pushPrefix {
		log.Warn().Msg("another stream goes to the same target already")
	}
	s.feeds.open[n.Stream] = f
	s.running[n.Stream] = startProcess(s.processes, s.env, n.Stream, log, job)
	return nil
}

func (s *sink) end(id media.StreamID) {
	p, ok := s.running[id]
	if !ok {
		return
	}
	delete(s.running, id)
	f := s.feeds.open[id]
	s.feeds.remove(id)
	f.finish(p.Done())
	p.Finish()
}

// Close implements workflow.Step.
func (s *sink) Close() {
	for id := range s.running {
		s.end(id)
	}
}

// Report implements workflow.Reporter.
func (s *sink) Report() any { return reports(s.running) }

// reports are the reports of processes in the order of their streams.
func reports(running map[media.StreamID]process) any {
	list := make([]report, 0, len(running))
	for _, p := range running {
		list = append(list, p.report())
	}
	slices.SortFunc(list, func(a, b report) int { return strings.Compare(a.StreamID, b.StreamID) })
	return struct {
		Processes []report `json:"processes"`
	}{list}
}
