package workflowtest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
)

// echo answers each packet, asks twice for something slow, and is ready when it has the answers.
type echo struct {
	env     workflow.Env
	answers int
	closed  *bool
}

func (e *echo) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	out.Pass(in.Media...)
	for range in.Media {
		out.Emit(workflowtest.Packet("echo", media.Audio, 1, "payload"))
	}
	for range in.Results {
		if e.answers++; e.answers < 2 {
			e.ask()
		}
	}
	if e.answers < 2 {
		return workflow.Status{State: workflow.Created}
	}
	return workflow.Status{State: workflow.Active}
}

func (e *echo) ask() { e.env.Futures.Go(func(context.Context) any { return "answer" }) }

func (e *echo) Close() { *e.closed = true }

func kind(closed *bool) workflow.Kind {
	return workflow.Kind{New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
		e := &echo{env: env, closed: closed}
		e.ask()
		return e, workflow.Status{}, nil
	}}
}

func TestDriver(t *testing.T) {
	workflowtest.NoLeaks(t)
	var closed bool
	d := workflowtest.Drive(t, kind(&closed), "echo a=1")
	require.Equal(t, workflow.Created, d.Status.State)
	d.Results()
	require.Equal(t, workflow.Active, d.Status.State)
	out := d.Media(workflowtest.NewStream("s", "name"), workflowtest.KeyFrame("s", 5, "frame"))
	require.Len(t, out, 4)
	d.Env.Futures.Deliver([]media.Notification{workflowtest.Header("s", media.Video, "header")})
	delivered := d.Futures.Delivered()
	require.Len(t, delivered, 1)
	delivered[0].Release()
}

type late struct{ discarded *int }

func (l late) Discard() { *l.discarded++ }

func TestDriverClosesAndDiscards(t *testing.T) {
	workflowtest.NoLeaks(t)
	var closed bool
	var discarded int
	d := workflowtest.Drive(t, kind(&closed), "echo")
	d.Env.Futures.Deliver([]media.Notification{workflowtest.Header("s", media.Video, "nobody takes it")})
	d.Env.Futures.Post(late{&discarded})
	d.Env.Futures.Go(func(ctx context.Context) any { <-ctx.Done(); return late{&discarded} })
	d.Close()
	d.Close()
	require.True(t, closed)
	d.Env.Futures.Post(late{&discarded})
	d.Env.Futures.Go(func(context.Context) any { panic("does not run") })
	d.Env.Futures.Deliver([]media.Notification{workflowtest.KeyFrame("s", 1, "late")})
	require.Equal(t, 3, discarded)
}
