package api

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"mmids/engine/config"
	"mmids/engine/deploy"
)

// FilePlanner says what a whole configuration would change.
type FilePlanner interface {
	// Check returns every mistake in reactors and workflows.
	Check(d *config.Document) []config.Mistake
	// Plan returns what applying the document would change, without changing it.
	Plan(ctx context.Context, d *config.Document) (deploy.Plan, error)
}

// FilePlan is what a configuration would change, as PlanFile answers it.
type FilePlan struct {
	Settings  []SettingChange  `json:"settings"` // only those that change
	Reactors  []ReactorChange  `json:"reactors"`
	Workflows []WorkflowChange `json:"workflows"`
}

// SettingChange is a setting with another value than the server works with. The value may be secret, so it is not told.
type SettingChange struct {
	Name         string `json:"name"`
	NeedsRestart bool   `json:"needs_restart"`
}

// ReactorChange is what becomes of a reactor: kept, started, changed or stopped.
type ReactorChange struct {
	Name   string        `json:"name"`
	Action deploy.Action `json:"action"`
}

// WorkflowChange is what becomes of a workflow: kept, started, changed or stopped.
type WorkflowChange struct {
	Name   string        `json:"name"`
	Action deploy.Action `json:"action"`
	// DefinedBy says who has defined the running workflow of this name: file, api or reactor. It is empty if there is none.
	DefinedBy string `json:"defined_by"`
	StepChanges
}

// PlanRoute is where the official distribution answers mmids plan.
func PlanRoute(p FilePlanner) Route {
	return Route{Method: "POST", Path: []Part{Exact("plan")}, Handler: PlanFile(p), Quiet: true}
}

// PlanFile answers with what would change if the body were the configuration file and the server read it again. Refusals are
// those of PutWorkflow.
func PlanFile(p FilePlanner) Handler {
	return func(r *Request) {
		document, refused := readDocument(r)
		if refused == nil {
			if mistakes := p.Check(document); len(mistakes) > 0 {
				refused = &refusal{fasthttp.StatusBadRequest, "configuration cannot work", mistakes}
			}
		}
		if refused != nil {
			r.JSON(refused.status, refused.answer())
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), changeTimeout)
		defer cancel()
		plan, err := p.Plan(ctx, document)
		if err != nil {
			r.Log.Error().Err(err).Msg("a plan cannot be made")
			r.Empty(fasthttp.StatusInternalServerError)
			return
		}
		r.JSON(fasthttp.StatusOK, NewFilePlan(plan))
	}
}

// NewFilePlan returns a plan as the API shows it.
func NewFilePlan(p deploy.Plan) FilePlan {
	a := FilePlan{[]SettingChange{}, []ReactorChange{}, []WorkflowChange{}}
	for _, s := range p.Settings {
		a.Settings = append(a.Settings, SettingChange{s.Name, s.Kind == deploy.WithRestart})
	}
	for _, r := range p.Reactors {
		a.Reactors = append(a.Reactors, ReactorChange{r.Name, r.Action})
	}
	for _, w := range p.Workflows {
		a.Workflows = append(a.Workflows, WorkflowChange{w.Name, w.Action, string(w.Source), newStepChanges(w.Plan)})
	}
	return a
}

// readDocument returns the configuration that the body is.
func readDocument(r *Request) (*config.Document, *refusal) {
	if refused := checkContentType(r); refused != nil {
		return nil, refused
	}
	body, err := r.Body(config.TextBytesMax)
	switch {
	case errors.Is(err, ErrBodyTooLarge):
		return nil, &refusal{status: fasthttp.StatusRequestEntityTooLarge, reason: err.Error()}
	case err != nil:
		return nil, &refusal{status: fasthttp.StatusBadRequest, reason: err.Error()}
	}
	document, err := config.Parse("", body)
	if mistakes := config.Errors(nil); errors.As(err, &mistakes) {
		return nil, &refusal{fasthttp.StatusBadRequest, "text has mistakes", mistakes}
	}
	if err != nil {
		return nil, &refusal{status: fasthttp.StatusBadRequest, reason: err.Error()}
	}
	return document, nil
}
