// Package watch is what the steps that show streams to viewers have in common, whatever protocol the viewers speak:
// which stream has which key, the parameters, and the reactor that is asked about viewers.
package watch

import "mmids/engine/workflow"

// Lost is the result that says that a step's registration with an endpoint has ended.
type Lost struct{ Err error }

// StatusOf returns Failed if the registration was lost.
func StatusOf(results []any) workflow.Status {
	for _, r := range results {
		if l, ok := r.(Lost); ok {
			return workflow.Fail(l.Err)
		}
	}
	return workflow.Status{State: workflow.Active}
}
