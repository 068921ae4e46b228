package api

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

const withSecret = "workflow \"late show\" routed_by_reactor {\n    push target=rtmp://host/app/my-key again\n}\n"

func parsed(t *testing.T, text string) config.Workflow {
	document, err := config.Parse("", []byte(text))
	require.NoError(t, err)
	return document.Workflows[0]
}

func TestWorkflowDefinition(t *testing.T) {
	var failure error
	s := official(t, fakeWorkflows{definition: func(ctx context.Context, name string) (config.Workflow, error) {
		waits(t, ctx, time.Second)
		require.Equal(t, "late show", name)
		return parsed(t, withSecret), failure
	}})
	a := s.do("GET", "/workflows/late%20show/definition", "")
	require.Equal(t, 200, a.status)
	require.Equal(t, textPlain, a.header.Get("Content-Type"))
	require.Equal(t, "workflow \"late show\" routed_by_reactor {\n    push target=\"rtmp://host/app/…\" again\n}\n", a.body)
	failure = workflow.ErrNotFound
	require.Equal(t, 404, s.do("GET", "/workflows/late%20show/definition", "").status)
	failure = errGone
	require.Equal(t, 500, s.do("GET", "/workflows/late%20show/definition", "").status)
}

// TestSecretsThatAreLeftOutStay: what GET showed can be put without knowing the secrets in it.
func TestSecretsThatAreLeftOutStay(t *testing.T) {
	var put, planned []config.Workflow
	var failure error
	s := official(t, fakeWorkflows{
		definition: func(context.Context, string) (config.Workflow, error) {
			if failure != nil {
				return config.Workflow{}, failure
			}
			return parsed(t, withSecret), nil
		},
		upsert: func(_ context.Context, _ string, w config.Workflow) error {
			put = append(put, w)
			return nil
		},
		plan: func(_ context.Context, w config.Workflow) (workflow.Plan, error) {
			planned = append(planned, w)
			return workflow.PlanOfNew(w), nil
		},
	})
	shown := s.do("GET", "/workflows/late%20show/definition", "").body
	require.Equal(t, 200, s.do("PUT", "/workflows", shown).status)
	require.Equal(t, 200, s.do("POST", "/workflows/plan", shown).status)
	for _, w := range append(put, planned...) {
		require.Equal(t, "rtmp://host/app/my-key", w.Steps[0].Params[0].Value)
	}

	put = nil
	a := s.do("PUT", "/workflows", "workflow a {\n push target=rtmp://evil/app/…\n}\n")
	require.Equal(t, 400, a.status)
	require.JSONEq(t, `{"error": "2:14: push: … in target stands for no secret of the running workflow; write the whole value",
		"mistakes": [{"line": 2, "column": 14, "id": "E-STEP-SECRET", "message": "push: … in target stands for no secret of the running workflow", "hint": "write the whole value"}]}`, a.body)
	failure = workflow.ErrNotFound
	require.Equal(t, 400, s.do("PUT", "/workflows", shown).status, "nothing runs that has it")
	failure = errGone
	require.Equal(t, 500, s.do("PUT", "/workflows", shown).status)
	require.Empty(t, put)
}
