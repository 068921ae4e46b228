package workflow

import (
	"context"
	"slices"

	"mmids/engine/config"
)

// Plan is what a definition would change if it were applied at this moment. It belongs to whoever asked for it.
type Plan struct {
	Name string
	// Source is who has defined the workflow that runs under this name; empty if none does.
	Source Source
	// Kept are steps of the definition that run already, and Started those that would be made, in its order. Stopped are
	// steps that run, or are about to, and would be closed.
	Kept, Started, Stopped []PlannedStep
	// Changes says that something would happen: it does when only the order of the steps is another one, too.
	Changes bool
}

// PlannedStep is a step in a plan.
type PlannedStep struct {
	Type string
	// Parameters are in the order of their names, secrets in them made illegible.
	Parameters config.Params
}

// IsRunning reports whether there is a workflow of this name.
func (p Plan) IsRunning() bool { return p.Source != "" }

// PlanOfNew is the plan for a definition while no workflow of its name runs.
func PlanOfNew(w config.Workflow) Plan {
	plan := Plan{Name: w.Name, Changes: true}
	for _, s := range w.Steps {
		plan.Started = append(plan.Started, plannedStep(s))
	}
	return plan
}

// Plan returns what Upsert would change.
func (m *Manager) Plan(ctx context.Context, w config.Workflow) (Plan, error) {
	r, source := m.sourceOf(w.Name)
	answer := make(chan Plan, 1)
	if r == nil || !r.inbox.control(func() { answer <- r.plan(w) }) {
		return PlanOfNew(w), nil
	}
	select {
	case plan := <-answer:
		plan.Source = source
		return plan, nil
	case <-r.done:
		return PlanOfNew(w), nil
	case <-ctx.Done():
		return Plan{}, ctx.Err()
	}
}

// plan compares as apply does, and does nothing else.
func (r *runner) plan(w config.Workflow) Plan {
	next := identify(w.Steps)
	plan := Plan{Name: r.name, Changes: r.changes(next)}
	list := r.inherit(next)
	for k, d := range next {
		if list[k] != nil {
			plan.Kept = append(plan.Kept, plannedStep(d.step))
		} else {
			plan.Started = append(plan.Started, plannedStep(d.step))
		}
	}
	plan.Stopped = r.dropped(list)
	return plan
}

// changes reports whether apply would do anything.
func (r *runner) changes(next []definition) bool {
	switch {
	case r.failure != nil:
		return true
	case r.updating:
		return !same(r.pending, next)
	default:
		return !same(r.active, next)
	}
}

// dropped returns the steps that live and are not in a list.
func (r *runner) dropped(list []*instance) (steps []PlannedStep) {
	live := slices.Clone(r.active)
	for _, i := range r.pending {
		if i.position < 0 { // else it is active as well
			live = append(live, i)
		}
	}
	for _, i := range live {
		if !i.closed && !slices.Contains(list, i) {
			steps = append(steps, plannedStep(i.definition.step))
		}
	}
	return steps
}

func plannedStep(s config.Step) PlannedStep { return PlannedStep{s.Type, shownParams(s.Params)} }
