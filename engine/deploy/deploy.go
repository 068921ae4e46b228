// Package deploy makes a running server what its configuration file says, and tells beforehand what that would change.
//
// The file owns the workflows that it names, whoever has defined them last: applying it makes them what the file says, and
// those that only the file has defined and that have gone from it are stopped. Whatever else the API or reactors have
// started is left alone. Reactors all come from the file. Of the settings some take effect at once, others with the next
// start.
package deploy

import (
	"context"
	"errors"
	"fmt"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// workflows is all that is needed of the workflow manager.
type workflows interface {
	Plan(ctx context.Context, w config.Workflow) (workflow.Plan, error)
	Upsert(ctx context.Context, requestID string, w config.Workflow) error
	ListFromFile() []string
	StopFromFile(ctx context.Context, requestID, name string) error
	Room() int
}

// reactors is all that is needed of the reactor manager.
type reactors interface {
	Definitions() []config.Reactor
	Create(d config.Reactor) error
	Change(d config.Reactor) error
	Remove(ctx context.Context, name string) error
}

// ErrInPart is wrapped by the error of Apply if something could not be applied, and everything else was.
var ErrInPart = errors.New("not everything could be applied")

// Server is what documents are applied to. Only Plan may be called from several goroutines.
type Server struct {
	workflows workflows
	reactors  reactors
	settings  *inForce
}

// NewServer returns a server that works with these settings. kindOf says for each name what it is.
func NewServer(w workflows, r reactors, settings config.Settings, kindOf func(name string) SettingKind) *Server {
	return &Server{workflows: w, reactors: r, settings: newInForce(settings, kindOf)}
}

// Apply makes the server what a document says that has no mistakes. It returns what that changes. Settings are only noted,
// so those that the plan names have to be put into effect by the caller. What goes wrong with one reactor or workflow keeps
// none of the others from being applied, see ErrInPart. With any other error nothing at all is changed, such as when there is
// no room for all workflows.
func (s *Server) Apply(ctx context.Context, requestID string, d *config.Document) (Plan, error) {
	plan, err := s.Plan(ctx, d)
	if err != nil {
		return plan, err
	}
	if more := plan.moreWorkflows(); more > s.workflows.Room() {
		return plan, fmt.Errorf("%w: %d more", workflow.ErrTooMany, more)
	}
	var errs []error
	note := func(what, name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %q: %w", what, name, err))
		}
	}
	for _, r := range plan.Reactors {
		switch r.Action {
		case Started:
			note("reactor", r.Name, s.reactors.Create(r.definition))
		case Changed:
			note("reactor", r.Name, s.reactors.Change(r.definition))
		}
	}
	// What is stopped leaves its ports and stream keys to what comes next.
	for _, w := range plan.Workflows {
		if w.Action == Stopped {
			note("workflow", w.Name, s.workflows.StopFromFile(ctx, requestID, w.Name))
		}
	}
	for _, w := range plan.Workflows {
		if w.Action == Started || w.Action == Changed || w.Action == Kept && w.Source != workflow.FromFile {
			note("workflow", w.Name, s.workflows.Upsert(ctx, requestID, w.definition))
		}
	}
	for _, r := range plan.Reactors {
		if r.Action == Stopped {
			note("reactor", r.Name, s.reactors.Remove(ctx, r.Name))
		}
	}
	s.settings.apply(d.Settings)
	if len(errs) > 0 {
		return plan, fmt.Errorf("%w: %w", ErrInPart, errors.Join(errs...))
	}
	return plan, nil
}
