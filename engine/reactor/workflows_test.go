package reactor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
)

func TestAnswersWaitForTheWorkflowManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.answers(t, `workflow a {;}`)
		kept, gone := w.ask("cam"), w.ask("gone")
		kept.want(t, "valid")
		gone.want(t, "valid")
		w.answers(t, `workflow b {;};workflow c {;}`)
		w.ask("other").want(t, "valid")
		w.ask("short").Close()
		synctest.Wait()
		gone.Close()
		w.workflows.want(t)
		w.hub.Publish(event.ManagerRegistered{Manager: w.workflows})
		w.workflows.want(t,
			"upsert a: reactor_ask_cache_catchup",
			"upsert b: reactor_ask_cache_catchup",
			"upsert c: reactor_ask_cache_catchup",
		)
	})
}

func TestReleaseBeforeTheWorkflowManagerIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.answers(t, `workflow a {;}`)
		a := w.ask("cam")
		a.want(t, "valid")
		a.Close()
		w.nothingLeft(t)
		w.hub.Publish(event.ManagerRegistered{Manager: w.workflows})
		w.workflows.want(t)
	})
}

func TestNextWorkflowManagerIsAskedForEverything(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;}`)
		a := w.ask("cam")
		a.want(t, "valid")
		w.workflows.take()
		next := &fakeWorkflows{}
		w.hub.Publish(event.ManagerRegistered{Manager: next})
		next.want(t, "upsert a: reactor_ask_cache_catchup")
		a.Close()
		next.want(t, "stop a: reactor_ask_stream_cam_closed")
		w.workflows.want(t)
	})
}

func TestSharedNameIsAnErrorAndCounted(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.executor.become(func(q Query) (Result, error) {
			return parseResult(t, `workflow shared {;step_of_`+q.StreamName+`;}`)
		})
		first := w.ask("cam1")
		w.workflows.want(t, "upsert shared step_of_cam1: reactor_ask_stream_cam1_update")
		require.Empty(t, w.log.lines(t, zerolog.ErrorLevel))

		after(time.Second)
		second, third := w.ask("cam2"), w.ask("cam3")
		w.workflows.want(t)
		second.want(t, "valid")
		third.want(t, "valid")
		lines := w.log.lines(t, zerolog.ErrorLevel)
		require.Len(t, lines, 2)
		for _, line := range lines {
			require.Equal(t, "shared", line["workflow_name"])
			require.Equal(t, "ask", line["reactor_name"])
			require.Equal(t, "ask", line["first_reactor_name"])
			require.Equal(t, "cam1", line["first_stream_name"])
		}
		require.ElementsMatch(t, []any{"cam2", "cam3"}, []any{lines[0]["stream_name"], lines[1]["stream_name"]})

		after(5 * time.Second) // all three are refreshed
		w.workflows.want(t, "upsert shared step_of_cam1: reactor_ask_stream_cam1_update")
		require.Len(t, w.log.lines(t, zerolog.ErrorLevel), 2)

		second.Close()
		w.workflows.want(t)
		first.Close()
		w.workflows.want(t, "upsert shared step_of_cam3: reactor_ask_stream_cam1_closed")
		third.Close()
		w.workflows.want(t, "stop shared: reactor_ask_stream_cam3_closed")
		w.nothingLeft(t)
	})
}

func TestSharedBetweenReactors(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.answers(t, `workflow shared {;}`)
		other := newFakeExecutor()
		other.become(func(Query) (Result, error) { return parseResult(t, `workflow shared {;}`) })
		require.NoError(t, w.manager.executors.Add("other", Generator{
			New: func(config.Reactor, zerolog.Logger) (Executor, error) { return other, nil },
		}))
		require.NoError(t, w.manager.Create(config.Reactor{Name: "two", Executor: "other"}))
		first := w.ask("cam")
		first.want(t, "valid")
		second := w.askQuery("two", Query{StreamName: "cam"})
		second.want(t, "valid")
		w.workflows.want(t, "upsert shared: reactor_ask_stream_cam_update")
		line := w.log.lines(t, zerolog.ErrorLevel)[0]
		require.Equal(t, []any{"two", "ask"}, []any{line["reactor_name"], line["first_reactor_name"]})
		first.Close()
		w.workflows.want(t, "upsert shared: reactor_ask_stream_cam_closed")
		second.Close()
		w.workflows.want(t, "stop shared: reactor_two_stream_cam_closed")
	})
}

func TestOneNameTwiceInAnAnswer(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.executor.become(func(Query) (Result, error) {
			return Result{Valid: true, Workflows: []config.Workflow{
				{Name: "a", Steps: []config.Step{{Type: "first"}}},
				{Name: "a", RoutedByReactor: true},
				{Name: "b", RoutedByReactor: true},
				{Name: "b"},
			}}, nil
		})
		w.ask("cam").want(t, "valid b")
		w.workflows.want(t, "upsert a first: reactor_ask_stream_cam_update", "upsert b: reactor_ask_stream_cam_update")
	})
}

// A workflow that does not end is waited for, but by nobody who wants an answer; and what is wanted meanwhile is done
// afterwards, once for each name.
func TestSlowStopDelaysNoAnswer(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.workflows.stop = func(context.Context, string) error { after(5 * time.Second); return nil }
		w.answers(t, `workflow a {;}`)
		a := w.ask("cam")
		w.workflows.want(t, "upsert a: reactor_ask_stream_cam_update")
		a.Close()
		w.workflows.want(t, "stop a: reactor_ask_stream_cam_closed")
		for range 3 {
			next := w.ask("cam")
			next.want(t, "valid")
			next.Close()
		}
		w.ask("cam").want(t, "valid")
		w.answers(t, `workflow b {;}`)
		w.ask("other").want(t, "valid")
		w.workflows.want(t)
		after(5 * time.Second)
		w.workflows.want(t, "upsert a: reactor_ask_stream_cam_update", "upsert b: reactor_ask_stream_other_update")
	})
}

func TestFailedUpsertIsLoggedAndTriedAtTheNextRefresh(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.workflows.upsert = func(config.Workflow) error { return errors.New("no room") }
		w.workflows.stop = func(context.Context, string) error { return errors.New("not there") }
		w.answers(t, `workflow a routed_by_reactor {;}`)
		a := w.ask("cam")
		after(6 * time.Second)
		a.want(t, "valid a")
		a.Close()
		w.workflows.want(t,
			"upsert a: reactor_ask_stream_cam_update",
			"upsert a: reactor_ask_stream_cam_update",
			"stop a: reactor_ask_stream_cam_closed",
		)
		lines := w.log.lines(t, zerolog.WarnLevel)
		require.Len(t, lines, 2)
		require.Equal(t, "no room", lines[0]["error"])
		require.Equal(t, "a", lines[0]["workflow_name"])
		require.Equal(t, "reactor_ask_stream_cam_update", lines[0]["request_id"])
	})
}
