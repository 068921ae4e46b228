package api

import (
	"github.com/valyala/fasthttp"

	"mmids/engine/workflow"
)

// listedWorkflow is how a workflow fares, in short.
type listedWorkflow struct {
	Name           string         `json:"name"`
	Status         string         `json:"status"`                 // as in its details
	UpdateError    string         `json:"update_error,omitempty"` // as in its details
	Steps          map[string]int `json:"steps"`                  // how many active ones are in each state
	DroppedPackets uint64         `json:"dropped_packets"`
}

// ListWorkflows answers with all workflows, in the manager's order. None of them is waited for.
func ListWorkflows(w Workflows) Handler {
	return func(r *Request) {
		summaries := w.Summaries()
		listed := make([]listedWorkflow, len(summaries))
		for i, s := range summaries {
			listed[i] = listWorkflow(s)
		}
		r.JSON(fasthttp.StatusOK, listed)
	}
}

func listWorkflow(s workflow.Summary) listedWorkflow {
	l := listedWorkflow{
		Name: s.Name, Status: s.Status(), UpdateError: s.UpdateFailure, Steps: make(map[string]int), DroppedPackets: s.Dropped,
	}
	for _, c := range s.Steps {
		l.Steps[c.State.String()] += c.Count
	}
	return l
}
