package reactor

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/workflow"
)

// definition parses a reactor as it stands in a configuration.
func definition(t *testing.T, text string) config.Reactor {
	t.Helper()
	d, err := config.Parse("live.conf", []byte(strings.ReplaceAll(text, ";", "\n")))
	require.NoError(t, err)
	return d.Reactors[0]
}

func TestCreate(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		require.NoError(t, w.manager.executors.Add("picky", Generator{
			Check: func(d config.Reactor) []config.Mistake {
				if len(d.Params) > 0 {
					return []config.Mistake{{ID: IDParameter, Pos: d.Params[0].Pos, Message: "too much"}}
				}
				return nil
			},
			New: func(config.Reactor, zerolog.Logger) (Executor, error) { return nil, errors.New("no disk") },
		}))
		f := func(text, id, want string) {
			t.Helper()
			err := w.manager.Create(definition(t, text))
			require.EqualError(t, err, want)
			var m config.Mistake
			require.ErrorAs(t, err, &m)
			require.Equal(t, id, m.ID)
		}
		f("reactor ask executor=fake {;}", config.IDReactorTwice,
			`live.conf:1:1: there is a reactor "ask" already; give one of them another name`)
		f("reactor r executor=fax {;}", IDUnknownExecutor,
			`live.conf:1:1: reactor "r": unknown executor "fax"; known executors: fake, picky`)
		f("reactor r executor=picky {; a b;}", IDParameter, "live.conf:2:2: too much")
		f("reactor r executor=picky {;}", IDParameter, `live.conf:1:1: reactor "r": executor "picky": no disk`)
		require.NoError(t, w.manager.Create(definition(t, "reactor Ask executor=fake {;}"))) // case counts
		require.Equal(t, []string{"Ask", "ask"}, []string{w.manager.Stats()[0].Reactor, w.manager.Stats()[1].Reactor})
	})
}

func TestCheckCreatesNothing(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		require.Empty(t, w.manager.Check(definition(t, "reactor r executor=fake {;}")))
		require.Len(t, w.manager.Check(definition(t, "reactor r executor=fax {;}")), 1)
		require.Len(t, w.manager.Stats(), 1)
		long := config.Reactor{Name: strings.Repeat("ä", 1000), Executor: strings.Repeat("x", 1000)}
		require.Less(t, len(w.manager.Check(long)[0].Error()), 300)
	})
}

func TestRegistry(t *testing.T) {
	var e Executors
	g := Generator{New: func(config.Reactor, zerolog.Logger) (Executor, error) { return nil, nil }}
	require.EqualError(t, e.Add("", g), `executor "": a name and a function that makes executors are needed`)
	require.EqualError(t, e.Add("a", Generator{}), `executor "a": a name and a function that makes executors are needed`)
	require.Contains(t, e.Check(config.Reactor{Executor: "a"})[0].Hint, "no executors")
	require.NoError(t, e.Add("a", g))
	require.EqualError(t, e.Add("a", g), `executor "a" is registered twice`)
	require.Empty(t, e.Check(config.Reactor{Executor: "a"}))
}

func TestUnknownReactorIsNotValid(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		a := w.askQuery("nobody", Query{StreamName: "cam"})
		a.want(t, "not valid: the server is not set up to find out whether the stream is allowed")
		a.Close()
		lines := w.log.lines(t, zerolog.WarnLevel)
		require.Len(t, lines, 1)
		require.Equal(t, []any{"nobody", "cam"}, []any{lines[0]["reactor_name"], lines[0]["stream_name"]})
	})
}

func TestCloseEndsEverything(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;};workflow b {;}`)
		known := w.ask("cam")
		known.want(t, "valid")
		w.executor.delay = time.Hour
		waiting := w.ask("other")
		synctest.Wait()
		w.workflows.take()
		w.executor.take()

		require.NoError(t, w.manager.Close(t.Context()))
		known.want(t, "ended: the server is being stopped")
		waiting.want(t, "ended: the server is being stopped")
		w.executor.want(t, "0s cancelled other")
		w.workflows.want(t, "stop a: reactor_ask_stream_cam_closed", "stop b: reactor_ask_stream_cam_closed")

		known.Close()
		w.ask("cam").want(t, "ended: the server is being stopped")
		w.askQuery("nobody", Query{}).want(t, "ended: the server is being stopped")
		require.ErrorIs(t, w.manager.Create(config.Reactor{Name: "new", Executor: "fake"}), ErrClosed)
		require.NoError(t, w.manager.Close(t.Context()))
		after(time.Minute)
		w.executor.want(t)
		known.want(t)
	})
}

func TestCloseWithoutAWorkflowManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.answers(t, `workflow a {;}`)
		w.ask("cam").want(t, "valid")
		require.NoError(t, w.manager.Close(t.Context()))
	})
}

func TestCloseDoesNotWaitLongerThanItMay(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.workflows.stop = func(ctx context.Context, name string) error { return pause(ctx, time.Hour) }
		w.answers(t, `workflow a {;};workflow b {;}`)
		w.ask("cam").want(t, "valid")
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		start := time.Now()
		err := w.manager.Close(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "workflows")
		require.Equal(t, 4*time.Second, time.Since(start))
		w.workflows.want(t,
			"upsert a: reactor_ask_stream_cam_update",
			"upsert b: reactor_ask_stream_cam_update",
			"stop a: reactor_ask_stream_cam_closed",
		)
	})
}

// An executor is closed only when it does nothing any more, whatever it thinks of its context.
func TestCloseWaitsForQuestions(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.executor.become(func(Query) (Result, error) {
			after(3 * time.Second)
			select {
			case <-w.executor.closed:
				panic("closed too soon")
			default:
				return Result{}, nil
			}
		})
		a := w.ask("cam")
		synctest.Wait()
		start := time.Now()
		require.NoError(t, w.manager.Close(t.Context()))
		require.Equal(t, 3*time.Second, time.Since(start))
		a.want(t, "ended: the server is being stopped")
	})
}

func TestCloseDoesNotWaitForAnAskerThatHangs(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		hang := make(chan struct{})
		w.manager.Ask("ask", Query{StreamName: "cam"}, func(Answer) { <-hang })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorContains(t, w.manager.Close(ctx), `reactor "ask" does not end`)
		<-w.manager.workflows.done
		close(hang)
	})
}

// With the real workflow manager: what the answer brings runs while somebody is interested.
func TestWithTheWorkflowManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5)
		workflows := workflow.NewManager(&workflow.Registry{}, w.hub, zerolog.Nop())
		defer func() { require.NoError(t, workflows.Close(context.Background())) }()
		running := func() []string {
			synctest.Wait()
			names, err := workflows.List(t.Context())
			require.NoError(t, err)
			return names
		}
		w.answers(t, `workflow a routed_by_reactor {;};workflow b {;}`)
		a := w.ask("good")
		require.Equal(t, []string{"a", "b"}, running())
		w.answers(t, `workflow a routed_by_reactor {;};workflow c {;}`)
		after(5 * time.Second)
		require.Equal(t, []string{"a", "c"}, running())
		w.answers(t, `error`)
		after(5 * time.Second)
		require.Equal(t, []string{"a", "c"}, running())
		w.answers(t, `invalid`)
		after(5 * time.Second)
		require.Empty(t, running())
		a.Close()
		w.answers(t, `workflow a routed_by_reactor {;}`)
		a = w.ask("good")
		require.Equal(t, []string{"a"}, running())
		a.Close()
		require.Empty(t, running())
	})
}

var _ hub = (*event.Hub)(nil)
