package step

import (
	"context"
	"fmt"
	"os"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
)

// HLSType is the type name of the step that HLS makes.
const HLSType = "ffmpeg_hls"

// HLS is the step that writes an HLS playlist, and its segments, for each stream.
func HLS(rtmp RTMP, processes Processes) workflow.Kind {
	return workflow.Kind{
		Check: checker(parseHLS),
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			p, mistakes := parseHLS(d)
			if len(mistakes) > 0 {
				return nil, workflow.Status{}, config.Errors(mistakes)
			}
			env.Futures.Go(func(context.Context) any { return folderMade{os.MkdirAll(p.path, 0o755)} })
			return &hls{sink: newSink(rtmp, processes, env, "ffmpeg-hls", p.job)}, workflow.Status{State: workflow.Created}, nil
		},
	}
}

type hlsParameters struct {
	path     string
	duration uint16
	count    uint16
	name     string // of the playlist; empty for the stream's name
}

func parseHLS(d config.Step) (hlsParameters, []config.Mistake) {
	p := &parser{step: d}
	read := hlsParameters{
		path:     p.needed("path", "path=/var/www/live"),
		duration: read(p, "duration", 2, ffmpeg.ParseSegmentSeconds),
		count:    read(p, "count", 0, ffmpeg.ParseListSize),
		name: read(p, "stream_name", "", func(name string) (string, error) {
			_, err := ffmpeg.HLSFile(".", name)
			return name, err
		}),
	}
	return read, p.mistakes
}

func (p hlsParameters) job(input string, n *media.Notification) (ffmpeg.Job, error) {
	name := p.name
	if name == "" {
		name = n.Name
	}
	file, err := ffmpeg.HLSFile(p.path, name)
	return ffmpeg.Job{
		RealTime: true, Input: input, InputProtocols: ffmpeg.InternalProtocols,
		Target:          ffmpeg.HLS{File: file, SegmentSeconds: p.duration, ListSize: int(p.count)},
		TargetProtocols: ffmpeg.FileProtocol,
	}, err
}

// folderMade is the result of making the folder.
type folderMade struct{ err error }

type hls struct {
	*sink
	ready bool
}

var _ workflow.Step = (*hls)(nil)

// Execute implements workflow.Step.
func (s *hls) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	for _, r := range in.Results {
		if made, ok := r.(folderMade); ok {
			if made.err != nil {
				return workflow.Fail(workflow.Temporary(fmt.Errorf("the folder for the playlists cannot be made: %w", made.err)))
			}
			s.ready = true
		}
	}
	if err := s.take(in.Media, out); err != nil {
		return workflow.Fail(err)
	}
	if status := statusOf(in.Results); status.State == workflow.Failed || s.ready {
		return status
	}
	return workflow.Status{State: workflow.Created}
}
