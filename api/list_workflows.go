package api

import (
	"context"

	"github.com/valyala/fasthttp"
)

type listedWorkflow struct {
	Name string `json:"name"`
}

// ListWorkflows answers with the names of all workflows, in the manager's order.
func ListWorkflows(w Workflows) Handler {
	return func(r *Request) {
		ctx, cancel := context.WithTimeout(context.Background(), listTimeout)
		defer cancel()
		names, err := w.List(ctx)
		if err != nil {
			r.Log.Error().Err(err).Msg("workflow manager does not answer")
			r.Empty(fasthttp.StatusInternalServerError)
			return
		}
		listed := make([]listedWorkflow, len(names))
		for i, name := range names {
			listed[i].Name = name
		}
		r.JSON(fasthttp.StatusOK, listed)
	}
}
