package api

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// WorkflowDefinition answers with the newest definition of the workflow that the path parameter "workflow" names, as a text
// that PutWorkflow takes, or with 404. Secrets in it are left out, and PutWorkflow puts them back.
func WorkflowDefinition(w Workflows) Handler {
	return aboutWorkflow(w.Definition, func(r *Request, definition config.Workflow) {
		document := config.Document{Workflows: []config.Workflow{workflow.Illegible(definition)}}
		r.HTTP.SetContentType(textPlain) // which no browser takes for a page, whatever is in it
		r.HTTP.Response.Header.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
		r.HTTP.SetBodyString(document.Format())
	})
}

// restored returns a definition with the secrets that its text leaves out, which are those of the running workflow.
func restored(definition config.Workflow, w Workflows) (config.Workflow, *refusal) {
	if !workflow.IsIllegible(definition) {
		return definition, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), detailsTimeout)
	defer cancel()
	running, err := w.Definition(ctx, definition.Name)
	if err != nil && !errors.Is(err, workflow.ErrNotFound) {
		return definition, &refusal{status: fasthttp.StatusInternalServerError, reason: "the running workflow, whose secrets are left out, does not answer"}
	}
	definition, mistakes := workflow.Restore(definition, running)
	if len(mistakes) > 0 {
		return definition, &refusal{fasthttp.StatusBadRequest, "secrets are left out", mistakes}
	}
	return definition, nil
}
