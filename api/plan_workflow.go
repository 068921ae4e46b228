package api

import (
	"context"

	"github.com/valyala/fasthttp"

	"mmids/engine/workflow"
)

// planOfWorkflow is what a definition would change.
type planOfWorkflow struct {
	Name    string `json:"name"`
	Running bool   `json:"running"`
	Changes bool   `json:"changes"` // also when only the order of the steps is another one
	StepChanges
}

// StepChanges are the steps of a plan: those that run and stay, those that would be made, and those that would be closed.
type StepChanges struct {
	Kept    []PlannedStep `json:"kept"`
	Started []PlannedStep `json:"started"`
	Stopped []PlannedStep `json:"stopped"`
}

// PlannedStep is a step of a plan. Parameters without a value are nil; what looks secret is left out.
type PlannedStep struct {
	Type       string             `json:"step_type"`
	Parameters map[string]*string `json:"parameters"`
}

// PlanWorkflow answers with what PutWorkflow would change with the same body, and changes nothing. It refuses what
// PutWorkflow refuses, but does not see whether there is room for another workflow.
func PlanWorkflow(w Workflows) Handler {
	return func(r *Request) {
		definition, refused := readDefinition(r, w)
		if refused != nil {
			r.JSON(refused.status, refused.answer())
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), detailsTimeout)
		defer cancel()
		plan, err := w.Plan(ctx, definition)
		if err != nil {
			r.Log.Error().Err(err).Str("workflow_name", definition.Name).Msg("workflow does not answer")
			r.Empty(fasthttp.StatusInternalServerError)
			return
		}
		r.JSON(fasthttp.StatusOK, planOfWorkflow{plan.Name, plan.IsRunning(), plan.Changes, newStepChanges(plan)})
	}
}

func newStepChanges(p workflow.Plan) StepChanges {
	return StepChanges{newPlannedSteps(p.Kept), newPlannedSteps(p.Started), newPlannedSteps(p.Stopped)}
}

func newPlannedSteps(steps []workflow.PlannedStep) []PlannedStep {
	answers := make([]PlannedStep, len(steps))
	for i, s := range steps {
		answers[i] = PlannedStep{s.Type, parametersAnswer(s.Parameters)}
	}
	return answers
}
