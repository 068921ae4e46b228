package api

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// workflowAnswer is the state of a workflow.
type workflowAnswer struct {
	Status       string       `json:"status"` // "Running" or "Step id <id> failed: <message>"
	ActiveSteps  []stepAnswer `json:"active_steps"`
	PendingSteps []stepAnswer `json:"pending_steps"`

	// DroppedPackets counts what was dropped because the workflow could not keep up.
	DroppedPackets uint64 `json:"dropped_packets"`
	// UpdateError says why the last update was given up; its steps are the pending ones.
	UpdateError string `json:"update_error,omitempty"`
	// RetryInSeconds is there if the workflow is in error, or its update was given up, and it will try again by itself.
	RetryInSeconds float64 `json:"retry_in_seconds,omitempty"`
}

type stepAnswer struct {
	StepID     string             `json:"step_id"` // decimal; a number of 64 bits is too long for many readers of JSON
	StepType   string             `json:"step_type"`
	Parameters map[string]*string `json:"parameters"` // sorted; null for a parameter without value
	Status     string             `json:"status"`     // "Created", "Active", "Error: <message>" or "Shut Down"
	In         passageAnswer      `json:"in"`
	Out        passageAnswer      `json:"out"`
	Details    any                `json:"details,omitempty"` // what the step tells of itself
}

// passageAnswer is the media that has gone into a step, or has come out of it.
type passageAnswer struct {
	Streams int    `json:"streams"` // live
	Packets uint64 `json:"packets"` // since the step was made
	Bytes   uint64 `json:"bytes"`   // of these
}

// WorkflowDetails answers with the state of the workflow that the path parameter "workflow" names, or with 404. A
// workflow in error is answered with 200 too; its status says what failed.
func WorkflowDetails(w Workflows) Handler {
	return aboutWorkflow(w.Details, func(r *Request, d workflow.Details) {
		r.JSON(fasthttp.StatusOK, newWorkflowAnswer(d))
	})
}

// aboutWorkflow asks about the workflow that the path parameter "workflow" names and has what is known answered.
func aboutWorkflow[T any](ask func(context.Context, string) (T, error), answer func(*Request, T)) Handler {
	return func(r *Request) {
		name, ok := r.workflowName()
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), detailsTimeout)
		defer cancel()
		known, err := ask(ctx, name)
		switch {
		case errors.Is(err, workflow.ErrNotFound):
			r.Text(fasthttp.StatusNotFound, "Workflow not found")
		case err != nil:
			r.Log.Error().Err(err).Str("workflow_name", name).Msg("workflow does not answer")
			r.Empty(fasthttp.StatusInternalServerError)
		default:
			answer(r, known)
		}
	}
}

func newWorkflowAnswer(d workflow.Details) workflowAnswer {
	a := workflowAnswer{
		Status:         d.Status(),
		ActiveSteps:    newStepAnswers(d.Active),
		PendingSteps:   newStepAnswers(d.Pending),
		DroppedPackets: d.Dropped,
	}
	switch {
	case d.Failure != nil:
		a.RetryInSeconds = d.Failure.RetryIn.Seconds()
	case d.UpdateFailure != nil:
		a.UpdateError, a.RetryInSeconds = d.UpdateFailure.String(), d.UpdateFailure.RetryIn.Seconds()
	}
	return a
}

func newStepAnswers(steps []workflow.StepDetails) []stepAnswer {
	answers := make([]stepAnswer, len(steps))
	for i, s := range steps {
		answers[i] = stepAnswer{
			StepID:     s.ID.String(),
			StepType:   s.Type,
			Parameters: parametersAnswer(s.Parameters),
			Status:     s.Status.String(),
			In:         passageAnswer(s.In),
			Out:        passageAnswer(s.Out),
			Details:    s.Report,
		}
	}
	return answers
}

func parametersAnswer(params config.Params) map[string]*string {
	answer := make(map[string]*string, len(params))
	for _, p := range params {
		if p.HasValue {
			answer[p.Name] = &p.Value
		} else {
			answer[p.Name] = nil
		}
	}
	return answer
}
