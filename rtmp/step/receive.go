package step

import (
	"time"

	"mmids/engine/config"
	"mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// ReceiveType is the type name of the step that Receive makes.
const ReceiveType = "rtmp_receive"

// Receive is the step that takes streams from RTMP publishers. Every publisher is a stream of its own, named after its
// stream key. What comes from the step before is swallowed.
func Receive(endpoint Endpoint, reactors watch.Reactors) workflow.Kind {
	return workflow.Kind{
		Check: check,
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			registration, _, err := listen(endpoint.ListenPublishers, reactors, d, env)
			if err != nil {
				return nil, workflow.Status{}, err
			}
			return &receive{registration}, workflow.Status{State: workflow.Active}, nil
		},
	}
}

type receive struct{ registration *server.Registration }

var _ workflow.Step = (*receive)(nil)

// Execute implements workflow.Step. The publishers' media does not pass here: the endpoint delivers it as this step's
// output.
func (r *receive) Execute(in workflow.Input, _ *workflow.Output) workflow.Status {
	return watch.StatusOf(in.Results)
}

// Patience implements workflow.Patient.
func (r *receive) Patience() time.Duration { return workflow.Endless }

// Close implements workflow.Step.
func (r *receive) Close() { r.registration.Close() }

func check(d config.Step) []config.Mistake {
	_, mistakes := parse(d)
	return mistakes
}

// listen registers with the endpoint for what a definition says.
func listen(
	register func(server.Request, server.Registrant) (*server.Registration, error), reactors watch.Reactors,
	d config.Step, env workflow.Env,
) (*server.Registration, parameters, error) {
	p, mistakes := parse(d)
	if len(mistakes) > 0 {
		return nil, p, config.Errors(mistakes)
	}
	request := server.Request{
		Port: p.port, TLS: p.tls, App: p.app, Key: p.key, Rule: p.rule, FromNextKey: p.fromNextKey, Flush: p.flush,
		Approve: watch.Approver(reactors, p.reactor),
		Owner:   env.Owner, Log: env.Log,
	}
	r, err := register(request, registrant{env.Futures})
	return r, p, err
}
