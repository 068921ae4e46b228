package api

// Routes returns the routing table of the official distribution. ready says whether the server can take streams,
// see [Readyz].
func Routes(w Workflows, version string, ready func() error) []Route {
	workflows := []Part{Exact("workflows")}
	oneWorkflow := []Part{Exact("workflows"), Param(workflowParam)}
	return []Route{
		{Method: "GET", Handler: Version("Mmids", version), Page: "console/", Quiet: true},
		{Method: "GET", Path: workflows, Handler: ListWorkflows(w), Quiet: true},
		{Method: "GET", Path: oneWorkflow, Handler: WorkflowDetails(w), Quiet: true},
		{Method: "GET", Path: append(oneWorkflow, Exact("definition")), Handler: WorkflowDefinition(w), Quiet: true},
		{Method: "PUT", Path: workflows, Handler: PutWorkflow(w)},
		{Method: "POST", Path: []Part{Exact("workflows"), Exact("plan")}, Handler: PlanWorkflow(w), Quiet: true},
		{Method: "DELETE", Path: oneWorkflow, Handler: DeleteWorkflow(w)},
		{Method: "GET", Path: []Part{Exact("healthz")}, Handler: Healthz(), Open: true, Quiet: true},
		{Method: "GET", Path: []Part{Exact("readyz")}, Handler: Readyz(ready), Open: true, Quiet: true},
	}
}
