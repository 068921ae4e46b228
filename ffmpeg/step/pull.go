package step

import (
	"fmt"
	"strings"
	"unicode"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	"mmids/rtmp/server"
)

// PullType is the type name of the step that Pull makes.
const PullType = "ffmpeg_pull"

// Pull is the step that makes a stream of anything that ffmpeg can read. When the source ends or fails it is read again,
// as a new stream of the same name. allowed says where the operator's own definitions may read from.
func Pull(rtmp RTMP, processes Processes, allowed ffmpeg.Protocols) workflow.Kind {
	return workflow.Kind{
		Check: checker(func(d config.Step) (pullParameters, []config.Mistake) { return parsePull(d, allowed) }),
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			p, mistakes := parsePull(d, protocolsFor(env, allowed))
			if len(mistakes) > 0 {
				return nil, workflow.Status{}, config.Errors(mistakes)
			}
			request := internal(appName("ffmpeg-pull", env), p.name, env, env.Log)
			r, err := rtmp.ListenPublishers(request, pullRegistrant{env.Futures})
			if err != nil {
				return nil, workflow.Status{}, err
			}
			log := env.Log.With().Str("stream_name", p.name).Logger()
			started := startProcess(processes, env, "", log, ffmpeg.Job{
				RealTime: true,
				Input:    p.location.url, InputProtocols: p.location.protocols,
				Target: ffmpeg.FLV{URL: r.URL()}, TargetProtocols: ffmpeg.InternalProtocols,
			})
			return &pull{registration: r, process: started}, workflow.Status{State: workflow.Active}, nil
		},
	}
}

type pullParameters struct {
	location address
	name     string
}

func parsePull(d config.Step, allowed ffmpeg.Protocols) (pullParameters, []config.Mistake) {
	p := &parser{step: d}
	read := pullParameters{
		location: p.address("location", "location=rtmp://example.com/app/key", allowed),
		name:     p.needed("stream_name", "stream_name=news"),
	}
	if strings.ContainsAny(read.name, "/? ") || strings.ContainsFunc(read.name, unicode.IsControl) || read.name == server.AnyKey {
		param, _ := d.Params.Get("stream_name")
		p.wrong(param.ValuePos, fmt.Sprintf("stream_name %q cannot be a stream key", read.name), "use a name without / ? and blanks")
	}
	return read, p.mistakes
}

// pullRegistrant passes what ffmpeg publishes to the workflow.
type pullRegistrant struct{ futures workflow.Futures }

func (r pullRegistrant) Deliver(batch []media.Notification) { r.futures.Deliver(batch) }
func (r pullRegistrant) Lost(err error)                     { r.futures.Post(lost{err}) }

type pull struct {
	registration *server.Registration
	process      process
}

var (
	_ workflow.Step     = (*pull)(nil)
	_ workflow.Reporter = (*pull)(nil)
)

// Execute implements workflow.Step. What comes from the step before is swallowed.
func (s *pull) Execute(in workflow.Input, _ *workflow.Output) workflow.Status {
	return statusOf(in.Results)
}

// Report implements workflow.Reporter.
func (s *pull) Report() any { return reports(map[media.StreamID]process{"": s.process}) }

// Close implements workflow.Step.
func (s *pull) Close() {
	s.process.Stop()
	s.registration.Close()
}
