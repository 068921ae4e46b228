package deploy

import (
	"context"
	"fmt"
	"slices"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// Action is what becomes of a reactor or a workflow.
type Action string

const (
	Kept    Action = "kept"
	Started Action = "started"
	Changed Action = "changed"
	Stopped Action = "stopped"
)

// Plan is what a document would change. It belongs to whoever asked for it.
type Plan struct {
	// Settings are those that would change, in the order of the document; those that are missing in it come last.
	Settings []Setting
	// Reactors and Workflows are those of the document, in its order, and behind them those that would go.
	Reactors  []Reactor
	Workflows []Workflow
}

// Reactor is a reactor in a plan.
type Reactor struct {
	Name       string
	Action     Action
	definition config.Reactor
}

// Workflow is a workflow in a plan.
type Workflow struct {
	workflow.Plan
	Action     Action
	definition config.Workflow
}

// IsEmpty reports whether nothing would change.
func (p Plan) IsEmpty() bool {
	return len(p.Settings) == 0 &&
		!slices.ContainsFunc(p.Reactors, func(r Reactor) bool { return r.Action != Kept }) &&
		!slices.ContainsFunc(p.Workflows, func(w Workflow) bool { return w.Action != Kept })
}

// Count returns how many workflows have an action.
func (p Plan) Count(a Action) (n int) {
	for _, w := range p.Workflows {
		if w.Action == a {
			n++
		}
	}
	return n
}

// moreWorkflows is by how many there would be more workflows.
func (p Plan) moreWorkflows() int { return p.Count(Started) - p.Count(Stopped) }

// PlanOfNew is the plan for a document while no server runs.
func PlanOfNew(d *config.Document) (p Plan) {
	for _, r := range d.Reactors {
		p.Reactors = append(p.Reactors, Reactor{r.Name, Started, r})
	}
	for _, w := range d.Workflows {
		p.Workflows = append(p.Workflows, planned(workflow.PlanOfNew(w), w))
	}
	return p
}

// Plan returns what Apply would change.
func (s *Server) Plan(ctx context.Context, d *config.Document) (Plan, error) {
	p := Plan{Settings: s.settings.changes(d.Settings), Reactors: s.planReactors(d.Reactors)}
	named := make(map[string]bool, len(d.Workflows))
	for _, w := range d.Workflows {
		named[w.Name] = true
		w.FromFile = true
		plan, err := s.planWorkflow(ctx, w)
		if err != nil {
			return Plan{}, err
		}
		p.Workflows = append(p.Workflows, planned(plan, w))
	}
	for _, name := range s.workflows.ListFromFile() {
		if named[name] {
			continue
		}
		plan, err := s.planWorkflow(ctx, config.Workflow{Name: name})
		if err != nil {
			return Plan{}, err
		}
		if plan.IsRunning() { // else it has ended meanwhile
			p.Workflows = append(p.Workflows, Workflow{Plan: plan, Action: Stopped})
		}
	}
	return p, nil
}

// planWorkflow asks the workflow itself, which does not answer while one of its steps hangs.
func (s *Server) planWorkflow(ctx context.Context, w config.Workflow) (workflow.Plan, error) {
	plan, err := s.workflows.Plan(ctx, w)
	if err != nil {
		return plan, fmt.Errorf("workflow %q does not answer: %w", w.Name, err)
	}
	return plan, nil
}

func planned(plan workflow.Plan, w config.Workflow) Workflow {
	action := Kept
	switch {
	case !plan.IsRunning():
		action = Started
	case plan.Changes:
		action = Changed
	}
	return Workflow{plan, action, w}
}

func (s *Server) planReactors(next []config.Reactor) (list []Reactor) {
	running := make(map[string]config.Reactor)
	for _, r := range s.reactors.Definitions() {
		running[r.Name] = r
	}
	named := make(map[string]bool, len(next))
	for _, r := range next {
		named[r.Name] = true
		known, isRunning := running[r.Name]
		action := Kept
		switch {
		case !isRunning:
			action = Started
		case !sameReactor(known, r):
			action = Changed
		}
		list = append(list, Reactor{r.Name, action, r})
	}
	for _, r := range s.reactors.Definitions() {
		if !named[r.Name] {
			list = append(list, Reactor{r.Name, Stopped, r})
		}
	}
	return list
}

// sameReactor compares all but positions and the order of parameters.
func sameReactor(a, b config.Reactor) bool {
	return a.Executor == b.Executor && a.UpdateInterval == b.UpdateInterval && len(a.Params) == len(b.Params) &&
		!slices.ContainsFunc(a.Params, func(p config.Param) bool {
			other, found := b.Params.Get(p.Name)
			return !found || other.Value != p.Value || other.HasValue != p.HasValue
		})
}
