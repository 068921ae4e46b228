package step

import (
	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
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
				streams: make(map[media.StreamID]*transcoding),
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

		KeyFrameSeconds: read(p, "key_frame_seconds", 0, ffmpeg.ParseKeyFrameSeconds),
	}
	if job.Video == ffmpeg.VideoCopy && len(p.mistakes) == 0 {
		for _, name := range []string{"size", "kbps", "key_frame_seconds"} {
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
	streams   map[media.StreamID]*transcoding
}

var (
	_ workflow.Step     = (*transcode)(nil)
	_ workflow.Reporter = (*transcode)(nil)
)

// Execute implements workflow.Step. A stream's coming is passed on at once, its media only goes to ffmpeg. Its end is passed
// on when ffmpeg's last frame has been, see ended.
func (s *transcode) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	for _, r := range in.Results {
		switch r := r.(type) {
		case begun:
			s.supersede(r.by, out)
		case ended:
			s.over(r.transcoding, out)
		}
	}
	for i := range in.Media {
		n := &in.Media[i]
		switch n.Event {
		case media.NewStream:
			if err := s.announced(n, out); err != nil {
				return workflow.Fail(err)
			}
		case media.Disconnected:
			s.sourceEnded(n.Stream)
		default:
			s.feeds.append(n)
		}
	}
	s.feeds.publish()
	return statusOf(in.Results)
}

// announced begins a stream, unless it is under way. One that comes back while ffmpeg still works off what it had before
// begins anew.
func (s *transcode) announced(n *media.Notification, out *workflow.Output) error {
	if t := s.streams[n.Stream]; t != nil {
		if !t.ending {
			return nil
		}
		s.over(t, out)
	}
	t, err := s.begin(n)
	if err != nil {
		return err
	}
	s.streams[n.Stream] = t
	s.feeds.open[n.Stream] = t.feed
	out.Pass(*n)
	return nil
}

// sourceEnded lets ffmpeg finish a stream of which nothing more comes.
func (s *transcode) sourceEnded(id media.StreamID) {
	t := s.streams[id]
	if t == nil || t.ending {
		return
	}
	s.feeds.remove(id)
	t.finish(s.env.Futures)
}

// supersede ends what is left of earlier streams of the same name, now that the first of a newer one has come: whoever
// shows streams by their names shows one at a time.
func (s *transcode) supersede(by *transcoding, out *workflow.Output) {
	for _, t := range s.streams {
		if t != by && t.ending && t.name == by.name {
			s.over(t, out)
		}
	}
}

// over puts out the end of a stream, unless that has been done.
func (s *transcode) over(t *transcoding, out *workflow.Output) {
	if s.streams[t.stream] != t {
		return
	}
	delete(s.streams, t.stream)
	t.close()
	out.Pass(media.Notification{Event: media.Disconnected, Stream: t.stream})
}

// Report implements workflow.Reporter.
func (s *transcode) Report() any {
	running := make(map[media.StreamID]process, len(s.streams))
	for id, t := range s.streams {
		running[id] = t.process
	}
	return reports(running)
}

// Close implements workflow.Step. Nobody is left who could be given the rest of a stream.
func (s *transcode) Close() {
	for id, t := range s.streams {
		delete(s.streams, id)
		s.feeds.remove(id)
		t.close()
	}
}
