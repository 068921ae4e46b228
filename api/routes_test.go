package api

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// official starts a server with the official table.
func official(t *testing.T, w fakeWorkflows) *testServer {
	t.Helper()
	return start(t, Routes(w, "1.2.3", func() error { return nil })...)
}

var errGone = errors.New("manager is gone")

// waits checks that a handler gives the manager so much time. It is called on the server's goroutines, where a test
// must not be ended.
func waits(t *testing.T, ctx context.Context, want time.Duration) {
	t.Helper()
	deadline, ok := ctx.Deadline()
	assert.True(t, ok)
	assert.WithinRange(t, deadline, time.Now().Add(want/2), time.Now().Add(want))
}

func TestVersion(t *testing.T) {
	s := official(t, fakeWorkflows{})
	a := s.do("GET", "/", "")
	require.Equal(t, 200, a.status)
	require.Equal(t, "Mmids version 1.2.3", a.body)
	require.Equal(t, textPlain, a.header.Get("Content-Type"))
}

func TestListWorkflows(t *testing.T) {
	f := func(want string, all ...workflow.Summary) {
		t.Helper()
		s := official(t, fakeWorkflows{list: func() []workflow.Summary { return all }})
		a := s.do("GET", "/workflows", "")
		require.Equal(t, 200, a.status)
		require.Equal(t, want, a.body)
		require.Equal(t, "application/json", a.header.Get("Content-Type"))
	}
	f(`[]`)
	f(`[{"name":"a","status":"Running","update_error":"Step id 7 failed: sorry","steps":{"active":3,"created":1},"dropped_packets":5},`+
		`{"name":"late \"show\"","status":"Step id 8 failed: tired","steps":{},"dropped_packets":0}]`,
		workflow.Summary{Name: "a", UpdateFailure: "Step id 7 failed: sorry", Dropped: 5, Steps: []workflow.StepCount{
			{Type: "pass", State: workflow.Created, Count: 1}, {Type: "pass", State: workflow.Active, Count: 1},
			{Type: "source", State: workflow.Active, Count: 2},
		}},
		workflow.Summary{Name: `late "show"`, Failure: "Step id 8 failed: tired"})
}

func TestWorkflowDetails(t *testing.T) {
	f := func(details workflow.Details, err error, status int, want string) {
		t.Helper()
		s := official(t, fakeWorkflows{details: func(ctx context.Context, name string) (workflow.Details, error) {
			waits(t, ctx, time.Second)
			assert.Equal(t, "late show/1", name)
			return details, err
		}})
		a := s.do("GET", "/workflows/late%20show%2F1", "")
		require.Equal(t, status, a.status)
		switch {
		case status == 200:
			require.Equal(t, "application/json", a.header.Get("Content-Type"))
			require.JSONEq(t, want, a.body)
		default:
			require.Equal(t, want, a.body)
		}
	}
	f(workflow.Details{}, nil, 200,
		`{"status":"Running","active_steps":[],"pending_steps":[],"dropped_packets":0}`)
	f(workflow.Details{
		Failure: &workflow.Failure{StepID: 1<<64 - 1, Message: `port "1935" is busy`, RetryIn: 1500 * time.Millisecond},
		Dropped: 7,
		Active: []workflow.StepDetails{
			{ID: 1<<64 - 1, Type: "rtmp_receive", Status: workflow.Fail(errors.New(`port "1935" is busy`))},
			{ID: 2, Type: "rtmp_watch", Status: workflow.Status{State: workflow.ShutDown}},
		},
		Pending: []workflow.StepDetails{
			{ID: 3, Type: "ffmpeg_hls", Parameters: config.Params{
				{Name: "path", Value: "/var/hls", HasValue: true}, {Name: "empty", HasValue: true}, {Name: "flag"},
			}},
			{
				ID: 4, Type: "rtmp_watch", Status: workflow.Status{State: workflow.Active},
				In: workflow.Passage{Streams: 1, Packets: 2, Bytes: 3}, Out: workflow.Passage{Streams: 4, Packets: 5, Bytes: 6},
			},
		},
	}, nil, 200, `{
		"status": "Step id 18446744073709551615 failed: port \"1935\" is busy",
		"active_steps": [
			{"step_id": "18446744073709551615", "step_type": "rtmp_receive", "parameters": {}, "status": "Error: port \"1935\" is busy", "in": {"streams": 0, "packets": 0, "bytes": 0}, "out": {"streams": 0, "packets": 0, "bytes": 0}},
			{"step_id": "2", "step_type": "rtmp_watch", "parameters": {}, "status": "Shut Down", "in": {"streams": 0, "packets": 0, "bytes": 0}, "out": {"streams": 0, "packets": 0, "bytes": 0}}
		],
		"pending_steps": [
			{"step_id": "3", "step_type": "ffmpeg_hls", "parameters": {"path": "/var/hls", "empty": "", "flag": null}, "status": "Created", "in": {"streams": 0, "packets": 0, "bytes": 0}, "out": {"streams": 0, "packets": 0, "bytes": 0}},
			{"step_id": "4", "step_type": "rtmp_watch", "parameters": {}, "status": "Active", "in": {"streams": 1, "packets": 2, "bytes": 3}, "out": {"streams": 4, "packets": 5, "bytes": 6}}
		],
		"dropped_packets": 7,
		"retry_in_seconds": 1.5
	}`)
	f(workflow.Details{
		UpdateFailure: &workflow.Failure{StepID: 5, Message: "port 1936 is busy", RetryIn: 2 * time.Second},
		Pending:       []workflow.StepDetails{{ID: 5, Type: "rtmp_watch", Status: workflow.Fail(errors.New("port 1936 is busy"))}},
	}, nil, 200, `{
		"status": "Running",
		"active_steps": [],
		"pending_steps": [
			{"step_id": "5", "step_type": "rtmp_watch", "parameters": {}, "status": "Error: port 1936 is busy", "in": {"streams": 0, "packets": 0, "bytes": 0}, "out": {"streams": 0, "packets": 0, "bytes": 0}}
		],
		"dropped_packets": 0,
		"update_error": "Step id 5 failed: port 1936 is busy",
		"retry_in_seconds": 2
	}`)
	f(workflow.Details{}, workflow.ErrNotFound, 404, "Workflow not found")
	f(workflow.Details{}, errGone, 500, "")
	f(workflow.Details{}, context.DeadlineExceeded, 500, "")
}

func TestParametersAreSorted(t *testing.T) {
	params := config.Params{{Name: "c"}, {Name: "a"}, {Name: "b", Value: "1", HasValue: true}}
	text, err := encoding.Marshal(parametersAnswer(params))
	require.NoError(t, err)
	require.Equal(t, `{"a":null,"b":"1","c":null}`, string(text))
}

func TestDeleteWorkflow(t *testing.T) {
	f := func(err error, status int) {
		t.Helper()
		var stopped, id string
		s := official(t, fakeWorkflows{stop: func(ctx context.Context, requestID, name string) error {
			waits(t, ctx, 10*time.Second)
			stopped, id = name, requestID
			return err
		}})
		a := s.do("DELETE", "/workflows/ingest", "")
		require.Equal(t, status, a.status)
		require.Empty(t, a.body)
		require.Equal(t, "ingest", stopped)
		require.Equal(t, a.id(), id)
	}
	f(nil, 200)
	f(errGone, 500)
}

func TestProbes(t *testing.T) {
	reason := errors.New("port 1935 is not open yet")
	var ready error
	s := start(t, Routes(fakeWorkflows{}, "1.2.3", func() error { return ready })...)
	f := func(target string, status int, want string) {
		t.Helper()
		a := s.do("GET", target, "")
		require.Equal(t, status, a.status)
		require.Equal(t, want, a.body)
		require.Equal(t, textPlain, a.header.Get("Content-Type"))
	}
	f("/healthz", 200, "ok")
	f("/readyz", 200, "ok")
	ready = reason
	f("/healthz", 200, "ok")
	f("/readyz", 503, "port 1935 is not open yet")
}

// The table and the handler do not agree.
func TestHandlersWithoutTheirParameter(t *testing.T) {
	s := start(t,
		get("/details/{name}", WorkflowDetails(fakeWorkflows{})),
		get("/delete", DeleteWorkflow(fakeWorkflows{})))
	for _, target := range []string{"/details/x", "/delete"} {
		a := s.do("GET", target, "")
		require.Equal(t, 500, a.status)
		require.Empty(t, a.body)
	}
	require.Equal(t, "GET /details/{name}", s.log.events(t, "route has no parameter workflow")[0]["route"])
}

// Handlers work wherever a distribution puts them.
func TestHandlersDoNotKnowTheirURLs(t *testing.T) {
	s := start(t, Route{
		Method:  "POST",
		Path:    []Part{Exact("v1"), Param("workflow"), Exact("stop")},
		Handler: DeleteWorkflow(fakeWorkflows{}),
	})
	require.Equal(t, 200, s.do("POST", "/v1/ingest/stop", "").status)
}

// What the manual's table promises for all other paths and methods.
func TestEverythingElse(t *testing.T) {
	s := official(t, fakeWorkflows{})
	f := func(method, target string, status int, allow string) {
		t.Helper()
		a := s.do(method, target, "")
		require.Equal(t, status, a.status)
		require.Equal(t, allow, a.header.Get("Allow"))
	}
	f("POST", "/workflows", 405, "GET, HEAD, PUT")
	f("DELETE", "/workflows", 405, "GET, HEAD, PUT")
	f("PUT", "/workflows/ingest", 405, "DELETE, GET, HEAD")
	f("OPTIONS", "/workflows/ingest", 405, "DELETE, GET, HEAD")
	f("PUT", "/", 405, "GET, HEAD")
	f("GET", "/workflows/ingest/steps", 404, "")
	f("GET", "/favicon.ico", 404, "")
}
