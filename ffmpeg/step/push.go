package step

import (
	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
)

// PushType is the type name of the step that Push makes.
const PushType = "ffmpeg_push"

const pushPrefix = "ffmpeg-rtmp-push"

// Push is the step that sends streams elsewhere, by RTMP as a rule. It is meant for one stream at a time: all go to the
// same target. allowed says where the operator's own definitions may send to.
func Push(rtmp RTMP, processes Processes, allowed ffmpeg.Protocols) workflow.Kind {
	return workflow.Kind{
		Check: checker(func(d config.Step) (address, []config.Mistake) { return parsePush(d, allowed) }),
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			target, mistakes := parsePush(d, protocolsFor(env, allowed))
			if len(mistakes) > 0 {
				return nil, workflow.Status{}, config.Errors(mistakes)
			}
			job := func(input string, _ *media.Notification) (ffmpeg.Job, error) {
				return ffmpeg.Job{
					RealTime: true, Input: input, InputProtocols: ffmpeg.InternalProtocols,
					Target: ffmpeg.FLV{URL: target.url}, TargetProtocols: target.protocols,
				}, nil
			}
			return &push{newSink(rtmp, processes, env, pushPrefix, job)}, workflow.Status{State: workflow.Active}, nil
		},
	}
}

func parsePush(d config.Step, allowed ffmpeg.Protocols) (target address, mistakes []config.Mistake) {
	p := &parser{step: d}
	return p.address("target", "target=rtmp://example.com/app/key", allowed), p.mistakes
}

type push struct{ *sink }

var _ workflow.Step = (*push)(nil)

// Execute implements workflow.Step.
func (s *push) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	if err := s.take(in.Media, out); err != nil {
		return workflow.Fail(err)
	}
	return statusOf(in.Results)
}
