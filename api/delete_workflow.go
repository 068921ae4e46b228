package api

import (
	"context"

	"github.com/valyala/fasthttp"
)

// DeleteWorkflow stops the workflow that the path parameter "workflow" names. It succeeds also when there is no
// such workflow, so a client may repeat it.
func DeleteWorkflow(w Workflows) Handler {
	return func(r *Request) {
		name, ok := r.workflowName()
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), changeTimeout)
		defer cancel()
		if err := w.Stop(ctx, r.ID, name); err != nil {
			r.Log.Error().Err(err).Str("workflow_name", name).Msg("workflow cannot be stopped")
			r.Empty(fasthttp.StatusInternalServerError)
			return
		}
		r.Empty(fasthttp.StatusOK)
	}
}

// workflowName returns the name in the path. If the route has none, that is answered, and ok is false.
func (r *Request) workflowName() (name string, ok bool) {
	name, ok = r.Param(workflowParam)
	if !ok {
		r.Log.Error().Stringer("route", r.route).Msg("route has no parameter " + workflowParam)
		r.Empty(fasthttp.StatusInternalServerError)
	}
	return name, ok
}
