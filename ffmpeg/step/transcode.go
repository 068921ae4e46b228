package step

import (
	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	"mmids/rtmp/server"
)

// TranscodeType is the type name of the step that Transcode makes.
const TranscodeType = "ffmpeg_transcode"

// Transcode is the step that lets ffmpeg change the codec, size or bitrate of streams. What comes back goes on under
// the id of the original stream, as one stream also when ffmpeg was started again.
func Transcode(rtmp RTMP, processes Processes) workflow.Kind {
	return workflow.Kind{
		Check: checker(parseTranscode),
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			job, mistakes := parseTranscode(d)
			if len(mistakes) > 0 {
				return nil, workflow.Status{}, config.Errors(mistakes)
			}
			return &transcode{
				env: env, rtmp: rtmp, processes: processes, job: job,
				feeds:   feeds{open: make(map[media.StreamID]*feed)},
				running: make(map[media.StreamID]process),
				results: make(map[media.StreamID]*server.Registration),
			}, workflow.Status{State: workflow.Active}, nil
		},
	}
}

func parseTranscode(d config.Step) (ffmpeg.Job, []config.Mistake) {
	p := &parser{step: d}
	p.needed("vcodec", "vcodec=h264 or vcodec=copy")
	p.needed("acodec", "acodec=aac or acodec=copy")
	if len(p.mistakes) > 0 {
		return ffmpeg.Job{}, p.mistakes
	}
	job := ffmpeg.Job{
		RealTime: true,
		Video:    read(p, "vcodec", ffmpeg.VideoCopy, ffmpeg.ParseVideoCodec),
		Audio:    read(p, "acodec", ffmpeg.AudioCopy, ffmpeg.ParseAudioCodec),
		Preset:   read(p, "h264_preset", ffmpeg.PresetDefault, ffmpeg.ParsePreset),
		Scale:    read(p, "size", ffmpeg.Size{}, ffmpeg.ParseSize),
		Kbps:     read(p, "kbps", 0, ffmpeg.ParseKbps),
	}
	if job.Video == ffmpeg.VideoCopy && len(p.mistakes) == 0 {
		for _, name := range []string{"size", "kbps"} {
			if p.has(name) {
				param, _ := d.Params.Get(name)
				p.wrong(param.Pos, name+" means nothing for video that is copied", "use vcodec=h264, or leave "+name+" out")
			}
		}
	}
	return job, p.mistakes
}

type transcode struct {
	env       workflow.Env
	rtmp      RTMP
	processes Processes
	job       ffmpeg.Job // without input and target
	feeds     feeds
	running   map[media.StreamID]process
	results   map[media.StreamID]*server.Registration
}

var (
	_ workflow.Step     = (*transcode)(nil)
	_ workflow.Reporter = (*transcode)(nil)
)

// Execute implements workflow.Step. A stream's coming and going is passed on at once, its media only goes to ffmpeg.
func (s *transcode) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	for i := range in.Media {
		n := &in.Media[i]
		switch n.Event {
		case media.NewStream:
			if _, known := s.running[n.Stream]; known {
				continue
			}
			if err := s.begin(n); err != nil {
				return workflow.Fail(err)
			}
			out.Pass(*n)
		case media.Disconnected:
			s.end(n.Stream)
			out.Pass(*n)
		default:
			s.feeds.append(n)
		}
	}
	s.feeds.publish()
	return statusOf(in.Results)
}

func (s *transcode) begin(n *media.Notification) error {
	log := s.env.Log.With().Str("stream_id", string(n.Stream)).Str("stream_name", n.Name).Logger()
	f, err := openFeed(s.rtmp, appName("ffmpeg-transcoder-original", s.env), n, s.env, log)
	if err != nil {
		return err
	}
	back := internal(appName("ffmpeg-transcoder-result", s.env), string(n.Stream), s.env, log)
	back.StreamID = n.Stream
	r, err := s.rtmp.ListenPublishers(back, &result{futures: s.env.Futures})
	if err != nil {
		f.close()
		return err
	}
	job := s.job
	job.Input, job.Target = f.url(), ffmpeg.FLV{URL: r.URL()}
	s.feeds.open[n.Stream], s.results[n.Stream] = f, r
	s.running[n.Stream] = startProcess(s.processes, n.Stream, log, job)
	return nil
}

func (s *transcode) end(id media.StreamID) {
	p, ok := s.running[id]
	if !ok {
		return
	}
	delete(s.running, id)
	s.results[id].Close() // before ffmpeg's last words: nothing of the stream may follow its end
	delete(s.results, id)
	p.Stop()
	s.feeds.open[id].close()
	delete(s.feeds.open, id)
}

// Report implements workflow.Reporter.
func (s *transcode) Report() any { return reports(s.running) }

// Close implements workflow.Step.
func (s *transcode) Close() {
	for id := range s.running {
		s.end(id)
	}
}
