package api

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/deploy"
	"mmids/engine/workflow"
)

func TestPlanWorkflow(t *testing.T) {
	s := official(t, fakeWorkflows{plan: func(ctx context.Context, w config.Workflow) (workflow.Plan, error) {
		waits(t, ctx, time.Second)
		steps := workflow.PlanOfNew(w).Started
		return workflow.Plan{Name: w.Name, Source: workflow.FromReactor, Changes: true, Kept: steps[:1], Stopped: steps[1:]}, nil
	}})
	a := s.do("POST", "/workflows/plan", "workflow a {\n one x=1 token=2 flag\n two\n}\n")
	require.Equal(t, 200, a.status, a.body)
	require.JSONEq(t, `{"name": "a", "running": true, "changes": true, "kept": [{"step_type": "one", "parameters": {"x": "1", "token": "…", "flag": null}}],
		"started": [], "stopped": [{"step_type": "two", "parameters": {}}]}`, a.body)
	require.Equal(t, 404, s.do("GET", "/workflows/plan", "").status, "a workflow may be called plan")
}

// TestPlanRefusesWhatPutRefuses with the same answers.
func TestPlanRefusesWhatPutRefuses(t *testing.T) {
	s := official(t, fakeWorkflows{
		check: func(w config.Workflow) (mistakes []config.Mistake) {
			if len(w.Steps) > 1 {
				mistakes = append(mistakes, config.Mistake{ID: "E-STEP", Pos: w.Steps[1].Pos, Message: "one step is enough"})
			}
			return mistakes
		},
		upsert: func(context.Context, string, config.Workflow) error { t.Error("it must not be put"); return nil },
	})
	f := func(status int, body string, header ...string) {
		t.Helper()
		put, plan := s.do("PUT", "/workflows", body, header...), s.do("POST", "/workflows/plan", body, header...)
		require.Equal(t, status, plan.status, plan.body)
		require.Equal(t, put.status, plan.status)
		require.Equal(t, put.body, plan.body)
	}
	f(400, "")
	f(400, "workflow a {\n one\n two\n}\n")
	f(400, "workflow a {\n one x=${HOME}\n}\n")
	f(400, ingest+"workflow b {\n}\n")
	f(415, ingest, "Content-Type: application/json")
	s = official(t, fakeWorkflows{plan: func(context.Context, config.Workflow) (workflow.Plan, error) { return workflow.Plan{}, errGone }})
	require.Equal(t, 500, s.do("POST", "/workflows/plan", ingest).status)
}

// filePlanner is a FilePlanner of functions.
type filePlanner struct {
	check func(*config.Document) []config.Mistake
	plan  func(context.Context, *config.Document) (deploy.Plan, error)
}

func (f filePlanner) Check(d *config.Document) []config.Mistake { return f.check(d) }

func (f filePlanner) Plan(ctx context.Context, d *config.Document) (deploy.Plan, error) {
	return f.plan(ctx, d)
}

func TestPlanFile(t *testing.T) {
	var mistakes []config.Mistake
	var failure error
	s := start(t, PlanRoute(filePlanner{
		func(d *config.Document) []config.Mistake { return mistakes },
		func(ctx context.Context, d *config.Document) (deploy.Plan, error) {
			waits(t, ctx, 10*time.Second)
			require.Len(t, d.Settings, 1)
			return deploy.Plan{
				Settings: []deploy.Setting{{Name: "a", Kind: deploy.AtOnce}, {Name: "b", Kind: deploy.WithRestart}},
				Reactors: []deploy.Reactor{{Name: "r", Action: deploy.Kept}},
				Workflows: []deploy.Workflow{
					{Plan: workflow.PlanOfNew(d.Workflows[0]), Action: deploy.Started},
					{Plan: workflow.Plan{Name: "w", Source: workflow.FromAPI}, Action: deploy.Changed},
				},
			}, failure
		},
	}))
	text := "settings {\n log_level debug\n}\n" + ingest
	a := s.do("POST", "/plan", text)
	require.Equal(t, 200, a.status, a.body)
	require.JSONEq(t, `{
		"settings": [{"name": "a", "needs_restart": false}, {"name": "b", "needs_restart": true}],
		"reactors": [{"name": "r", "action": "kept"}],
		"workflows": [
			{"name": "ingest", "action": "started", "defined_by": "", "kept": [],
			 "started": [{"step_type": "rtmp_receive", "parameters": {"rtmp_app": "live", "stream_key": "*"}}], "stopped": []},
			{"name": "w", "action": "changed", "defined_by": "api", "kept": [], "started": [], "stopped": []}
		]}`, a.body)
	var plan FilePlan
	require.NoError(t, json.Unmarshal([]byte(a.body), &plan))
	require.Equal(t, "rtmp_receive", plan.Workflows[0].Started[0].Type)

	require.Equal(t, 400, s.do("POST", "/plan", "workflow {").status)
	require.Equal(t, 400, s.do("POST", "/plan", "settings {\n port ${HOME}\n}\n").status, "variables are not for others")
	require.Equal(t, 415, s.do("POST", "/plan", text, "Content-Type: text/html").status)
	failure = errGone
	require.Equal(t, 500, s.do("POST", "/plan", text).status)
	mistakes = []config.Mistake{{ID: "E", Pos: config.Pos{Line: 4, Column: 2}, Message: "no"}}
	a = s.do("POST", "/plan", text)
	require.Equal(t, 400, a.status)
	require.JSONEq(t, `{"error": "4:2: no", "mistakes": [{"line": 4, "column": 2, "id": "E", "message": "no", "hint": ""}]}`, a.body)
}
