// Package forward holds the step that hands streams to other workflows of the same server.
package forward

import (
	"errors"
	"slices"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/media"
	"mmids/engine/reactor"
	"mmids/engine/workflow"
)

// Both names make the same step.
const (
	Type    = "workflow_forwarder"
	OldType = "forward_to_workflow"
)

// Hub tells which workflows run.
type Hub interface {
	Subscribe(event.Topic, func(event.Event)) *event.Subscription
}

// Reactors says which workflows a stream belongs to.
type Reactors interface {
	Ask(name string, q reactor.Query, f func(reactor.Answer)) *reactor.Interest
}

// Step is the step that forwards every stream to one workflow, or to those that a reactor names. All media is passed
// on to the next step as well. A target that starts later, or again, gets what it needs of every live stream first.
func Step(hub Hub, reactors Reactors) workflow.Kind {
	return workflow.Kind{
		Check: check,
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			p, mistakes := parse(d)
			if p.target == env.Workflow {
				mistakes = append(mistakes, selfTarget(d))
			}
			if len(mistakes) > 0 {
				return nil, workflow.Status{}, config.Errors(mistakes)
			}
			f := &forward{
				parameters: p,
				env:        env,
				reactors:   reactors,
				running:    make(map[string]*target),
				streams:    make(map[media.StreamID]*stream),
			}
			f.subscription = hub.Subscribe(event.Workflows, func(e event.Event) { env.Futures.Post(e) })
			return f, workflow.Status{State: workflow.Active}, nil
		},
	}
}

type forward struct {
	parameters
	env          workflow.Env
	reactors     Reactors
	subscription *event.Subscription
	running      map[string]*target
	touched      []*target // that have a batch
	streams      map[media.StreamID]*stream
	order        []*stream // oldest first
}

// target is a workflow that runs.
type target struct {
	inbox event.Inbox
	batch []media.Notification // retained, for the inbox
}

// stream is a live stream and where it goes.
type stream struct {
	notice     media.Notification // as the targets get it
	essentials media.Essentials
	targets    []string
	interest   *reactor.Interest
	log        zerolog.Logger
}

// answered is what a reactor says of a stream.
type answered struct {
	stream *stream
	answer reactor.Answer
}

var _ workflow.Step = (*forward)(nil)

// Execute implements workflow.Step.
func (f *forward) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	status := workflow.Status{State: workflow.Active}
	for _, r := range in.Results {
		switch r := r.(type) {
		case event.WorkflowStarted:
			f.started(r)
		case event.WorkflowEnded:
			f.ended(r)
		case answered:
			if r.answer.Ended {
				status = workflow.Fail(errReactorGone)
				continue
			}
			f.answered(r)
		}
	}
	out.Pass(in.Media...)
	for i := range in.Media {
		f.take(&in.Media[i])
	}
	f.deliver()
	return status
}

var errReactorGone = errors.New("the reactor has ended")

// take handles one notification from the step before.
func (f *forward) take(n *media.Notification) {
	s := f.streams[n.Stream]
	switch {
	case n.Event == media.NewStream && s == nil:
		f.begin(n)
		return
	case s == nil:
		return
	case n.Event == media.Disconnected:
		f.end(s)
		return
	case n.Event == media.NewStream:
		n = &s.notice
	}
	s.essentials.Note(n)
	for _, name := range s.targets {
		f.send(name, n)
	}
}

func (f *forward) begin(n *media.Notification) {
	s := &stream{
		notice: f.leaving(n),
		log:    f.env.Log.With().Str("stream_id", string(n.Stream)).Str("stream_name", n.Name).Logger(),
	}
	f.streams[n.Stream] = s
	f.order = append(f.order, s)
	if f.target != "" {
		f.aim(s, []string{f.target})
		return
	}
	q := reactor.Query{StreamName: n.Name, Kind: reactor.Stream}
	if n.Source != nil {
		q.Query, q.ClientIP, q.App = n.Source.Query, n.Source.ClientIP, n.Source.App
	}
	s.interest = f.reactors.Ask(f.reactor, q, func(a reactor.Answer) { f.env.Futures.Post(answered{s, a}) })
}

// leaving returns the notice as targets get it: with this workflow in the stream's trail.
func (f *forward) leaving(n *media.Notification) media.Notification {
	notice := *n
	source := media.Source{}
	if n.Source != nil {
		source = *n.Source
	}
	source.Trail = append(slices.Clone(source.Trail), f.env.Workflow)
	notice.Source = &source
	return notice
}

func (f *forward) end(s *stream) {
	f.aim(s, nil)
	if s.interest != nil { // none with a fixed target
		s.interest.Close()
	}
	s.essentials.Release()
	delete(f.streams, s.notice.Stream)
	f.order = slices.DeleteFunc(f.order, func(other *stream) bool { return other == s })
}

// answered aims a stream as its reactor says. The stream may be over by now.
func (f *forward) answered(r answered) {
	s := r.stream
	if f.streams[s.notice.Stream] != s {
		return
	}
	if !r.answer.Valid {
		s.log.Warn().Str("reactor_name", f.reactor).Str("reason", r.answer.Reason).Msg("stream is forwarded to no workflow")
		f.aim(s, nil)
		return
	}
	f.aim(s, r.answer.Routable)
}

// aim changes where a stream goes. Workflows that are new to it get what they need, those that it no longer goes to
// hear that it has ended.
func (f *forward) aim(s *stream, names []string) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		looping := slices.Contains(s.notice.Source.Trail, name)
		if looping {
			s.log.Error().Str("target_workflow", name).Strs("trail", s.notice.Source.Trail).
				Msg("stream is not forwarded in a circle")
		}
		return looping
	})
	for _, name := range s.targets {
		if !slices.Contains(names, name) {
			s.log.Info().Str("target_workflow", name).Msg("stream is no longer forwarded")
			f.send(name, &media.Notification{Event: media.Disconnected, Stream: s.notice.Stream})
		}
	}
	old := s.targets
	s.targets = names
	for _, name := range names {
		if !slices.Contains(old, name) {
			s.log.Info().Str("target_workflow", name).Bool("running", f.running[name] != nil).Msg("stream is forwarded")
			f.introduce(name, s)
		}
	}
}

// introduce sends what a target needs of a stream before its next packet.
func (f *forward) introduce(name string, s *stream) {
	f.send(name, &s.notice)
	for _, n := range s.essentials.AppendTo(nil) {
		f.send(name, &n)
	}
}

// send adds a notification to a target's batch, if the target runs.
func (f *forward) send(name string, n *media.Notification) {
	t := f.running[name]
	if t == nil {
		return
	}
	n.Retain()
	if len(t.batch) == 0 {
		f.touched = append(f.touched, t)
	}
	t.batch = append(t.batch, *n)
}

// deliver hands over what send has collected.
func (f *forward) deliver() {
	for i, t := range f.touched {
		t.inbox.Deliver(t.batch)
		clear(t.batch)
		t.batch = t.batch[:0]
		f.touched[i] = nil
	}
	f.touched = f.touched[:0]
}

func (f *forward) started(e event.WorkflowStarted) {
	f.deliver() // nothing that was meant for an inbox before goes to this one
	f.running[e.Name] = &target{inbox: e.Inbox}
	for _, s := range f.order {
		if slices.Contains(s.targets, e.Name) {
			f.introduce(e.Name, s)
		}
	}
}

// ended forgets a workflow, unless another one of its name runs already.
func (f *forward) ended(e event.WorkflowEnded) {
	if t := f.running[e.Name]; t != nil && t.inbox == e.Inbox {
		f.deliver()
		delete(f.running, e.Name)
	}
}

// Close implements workflow.Step. The targets hear that all streams have ended.
func (f *forward) Close() {
	f.subscription.Cancel()
	for len(f.order) > 0 {
		f.end(f.order[0])
	}
	f.deliver()
}
