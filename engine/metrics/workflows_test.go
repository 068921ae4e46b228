package metrics

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/workflow"
)

// step is a step of a test. One with a channel hangs, when it is executed, until that is closed.
type step struct{ hang chan struct{} }

func (s step) Execute(workflow.Input, *workflow.Output) workflow.Status {
	if s.hang != nil {
		<-s.hang
	}
	return workflow.Status{State: workflow.Active}
}

func (step) Close() {}

type noEvents struct{}

func (noEvents) Publish(event.Event) {}

// startWorkflows runs workflows of two steps, "plain" and "last", until the end of the test. Each "last" step is executed
// once.
func startWorkflows(t testing.TB, count int, last step) *workflow.Manager {
	kind := func(s step, executed bool) workflow.Kind {
		return workflow.Kind{New: func(_ config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			if executed {
				env.Futures.Post("go")
			}
			return s, workflow.Status{State: workflow.Active}, nil
		}}
	}
	var registry workflow.Registry
	require.NoError(t, registry.Add("plain", kind(step{}, false)))
	require.NoError(t, registry.Add("last", kind(last, true)))
	m := workflow.NewManager(&registry, noEvents{}, zerolog.Nop())
	t.Cleanup(func() { require.NoError(t, m.Close(context.Background())) })
	for i := range count {
		text := fmt.Sprintf("workflow %q {\nplain\nlast\n}", fmt.Sprintf("of stream %04d", i))
		document, err := config.Parse("test", []byte(text))
		require.NoError(t, err)
		require.NoError(t, m.Upsert(t.Context(), "r", document.Workflows[0]))
	}
	return m
}

// TestWorkflowThatHangsDelaysNoScrape: the figures come at once, and it is in them.
func TestWorkflowThatHangsDelaysNoScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		m := startWorkflows(t, 3, step{hang})
		defer close(hang)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := m.Details(ctx, "of stream 0000")
		require.ErrorIs(t, err, context.DeadlineExceeded, "it hangs")

		began := time.Now()
		text := scrape(nil, m.Summaries)
		require.Zero(t, time.Since(began))
		require.Contains(t, text, `mmids_workflows{state="running"} 3`)
		require.Contains(t, text, `mmids_steps{state="active",type="last"} 3`)
	})
}

// BenchmarkScrapeOf5000Workflows is what a scrape costs where reactors have made thousands of workflows.
func BenchmarkScrapeOf5000Workflows(b *testing.B) {
	m := startWorkflows(b, 5000, step{})
	b.ReportAllocs()
	for b.Loop() {
		scrape(nil, m.Summaries)
	}
}
