package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/workflow"
)

type noEvents struct{}

func (noEvents) Publish(event.Event) {}

// readyStep is active at once and does nothing.
type readyStep struct{}

func (readyStep) Execute(workflow.Input, *workflow.Output) workflow.Status {
	return workflow.Status{State: workflow.Active}
}
func (readyStep) Close() {}

// The life of a workflow with the manager that handlers are made for.
func TestWithTheRealManager(t *testing.T) {
	registry := &workflow.Registry{}
	require.NoError(t, registry.Add("push", workflow.Kind{
		New: func(config.Step, workflow.Env) (workflow.Step, workflow.Status, error) {
			return readyStep{}, workflow.Status{State: workflow.Active}, nil
		},
	}))
	log := &logBook{}
	manager := workflow.NewManager(registry, noEvents{}, zerolog.New(log))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, manager.Close(ctx))
	})
	s := start(t, Routes(manager, "1.2.3", func() error { return nil })...)

	a := s.do("PUT", "/workflows", "workflow \"late show\" {\n  push\n  pusch target=x\n}\n")
	require.Equal(t, 400, a.status)
	var refused errorAnswer
	require.NoError(t, json.Unmarshal([]byte(a.body), &refused))
	require.Len(t, refused.Mistakes, 1)
	require.Equal(t, 3, refused.Mistakes[0].Line)
	require.Equal(t, workflow.IDUnknownStep, refused.Mistakes[0].ID)
	require.Equal(t, "[]", s.do("GET", "/workflows", "").body)

	a = s.do("PUT", "/workflows", "workflow \"late show\" {\n  push target=rtmp://host/app/my-key?auth=my-token again\n}\n")
	require.Equal(t, 200, a.status, a.body)
	require.Contains(t, log.text(), a.id(), "the request's id goes on to the manager")
	require.Contains(t, s.do("GET", "/workflows", "").body, `[{"name":"late show","status":"Running",`)

	plan := s.do("POST", "/workflows/plan", "workflow \"late show\" {\n  push target=rtmp://host/app/my-key?auth=my-token again\n  push\n}\n")
	require.Equal(t, 200, plan.status, plan.body)
	require.JSONEq(t, `{"name":"late show","running":true,"kept":[{"step_type":"push","parameters":{"again":null,"target":"rtmp://host/app/…?…"}}],
		"started":[{"step_type":"push","parameters":{}}],"stopped":[]}`, plan.body)

	a = s.do("GET", "/workflows/late%20show", "")
	require.Equal(t, 200, a.status)
	var details workflowAnswer
	require.NoError(t, json.Unmarshal([]byte(a.body), &details))
	require.Equal(t, "Running", details.Status)
	require.Len(t, details.ActiveSteps, 1)
	require.Equal(t, "push", details.ActiveSteps[0].StepType)
	require.Equal(t, "Active", details.ActiveSteps[0].Status)
	require.Nil(t, details.ActiveSteps[0].Parameters["again"])
	require.True(t, strings.HasPrefix(*details.ActiveSteps[0].Parameters["target"], "rtmp://host/app/"))

	require.Equal(t, 200, s.do("DELETE", "/workflows/late%20show", "").status)
	require.Equal(t, 200, s.do("DELETE", "/workflows/late%20show", "").status)
	require.Equal(t, 404, s.do("GET", "/workflows/late%20show", "").status)
	for _, secret := range []string{"my-key", "my-token"} {
		require.NotContains(t, a.body, secret)
		require.NotContains(t, log.text()+s.log.text(), secret)
	}
}
