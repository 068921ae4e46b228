package api

import (
	"context"
	"time"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// Workflows is what the handlers need of the workflow manager. All methods may be called from any goroutine and
// return at once, or when ctx ends at the latest. An error other than those named means that the manager did not answer.
type Workflows interface {
	// Upsert starts a workflow, or gives a running one its new definition. It does not wait for the steps.
	Upsert(ctx context.Context, requestID string, w config.Workflow) error
	// Stop ends a workflow. An unknown name is no error.
	Stop(ctx context.Context, requestID, name string) error
	// Summaries returns how all workflows fare, without waiting for any of them. Secrets are illegible already.
	Summaries() []workflow.Summary
	// Details returns the state of a workflow, or workflow.ErrNotFound. Secrets in it are illegible already.
	Details(ctx context.Context, name string) (workflow.Details, error)
	// Definition returns the newest definition of a workflow, secrets included, or workflow.ErrNotFound.
	Definition(ctx context.Context, name string) (config.Workflow, error)
	// Plan returns what Upsert would change. It changes nothing.
	Plan(ctx context.Context, w config.Workflow) (workflow.Plan, error)
	// Check returns why a definition cannot work: unknown steps, wrong parameters. It changes nothing.
	Check(w config.Workflow) []config.Mistake
}

// How long a handler waits for the manager.
const (
	detailsTimeout = time.Second
	changeTimeout  = 10 * time.Second
)

// workflowParam is the name by which routes call the workflow in their path.
const workflowParam = "workflow"
