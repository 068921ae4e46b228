package reactor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

// change gives the reactor of the world another definition, and an executor with another answer. It returns the old one.
func (w *world) change(t *testing.T, seconds int, answer string) (old *fakeExecutor) {
	t.Helper()
	old, w.executor = w.executor, newFakeExecutor()
	w.answers(t, answer)
	require.NoError(t, w.manager.Change(config.Reactor{
		Name: "ask", Executor: "fake", UpdateInterval: time.Duration(seconds) * time.Second,
	}))
	return old
}

// TestChangedReactor keeps what it has said until the next question, which goes the new way.
func TestChangedReactor(t *testing.T) {
	withWorld(t, 10, func(t *testing.T, w *world) {
		w.answers(t, "workflow a {;};")
		a := w.ask("x")
		a.want(t, "valid")
		w.workflows.want(t, "upsert a: reactor_ask_stream_x_update")
		after(3 * time.Second)

		old := w.change(t, 10, "workflow b {;};")
		<-old.closed
		require.Empty(t, a.take())
		require.Empty(t, w.workflows.take(), "nothing happens at once")
		after(7 * time.Second)
		w.workflows.want(t, "upsert b: reactor_ask_stream_x_update", "stop a: reactor_ask_stream_x_partially_ended")
		require.Equal(t, []string{"0s publish x"}, old.take())
		require.Equal(t, []string{"7s publish x"}, w.executor.take())
		require.Empty(t, a.take(), "the answer is the same")
		require.Equal(t, []config.Reactor{{Name: "ask", Executor: "fake", UpdateInterval: 10 * time.Second}}, w.manager.Definitions())
		a.Close()
	})
}

// TestChangedInterval counts from the change, also for streams that were to be asked for only once.
func TestChangedInterval(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		a := w.ask("x")
		a.want(t, "valid")
		after(time.Minute)
		w.change(t, 5, "invalid gone")
		synctest.Wait()
		require.Empty(t, a.take())
		after(5 * time.Second)
		a.want(t, "not valid: gone")
		a.Close()
	})
}

// TestChangeDuringAQuestion lets the question under way have its answer, and closes the executor only then.
func TestChangeDuringAQuestion(t *testing.T) {
	withWorld(t, 10, func(t *testing.T, w *world) {
		w.executor.delay = 4 * time.Second
		a := w.ask("x")
		after(time.Second)
		old := w.change(t, 10, "invalid")
		synctest.Wait()
		select {
		case <-old.closed:
			t.Fatal("it is closed while it is asked")
		default:
		}
		after(3 * time.Second)
		a.want(t, "valid")
		<-old.closed
		after(10 * time.Second)
		a.want(t, "not valid: "+reasonNotValid)
		a.Close()
	})
}

// TestChangeThatCannotBe leaves the reactor as it was.
func TestChangeThatCannotBe(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		var mistakes config.Errors
		require.ErrorAs(t, w.manager.Change(config.Reactor{Name: "ask", Executor: "nobody"}), &mistakes)
		require.ErrorIs(t, w.manager.Change(config.Reactor{Name: "other", Executor: "fake"}), ErrNotFound)
		require.Equal(t, "fake", w.manager.Definitions()[0].Executor)
		a := w.ask("x")
		a.want(t, "valid")
		a.Close()
	})
}

// TestRemovedReactor ends its streams and its workflows; the name can be used again at once.
func TestRemovedReactor(t *testing.T) {
	withWorld(t, 10, func(t *testing.T, w *world) {
		w.answers(t, "workflow a {;};")
		a := w.ask("x")
		a.want(t, "valid")
		w.workflows.take()
		require.NoError(t, w.manager.Remove(context.Background(), "ask"))
		require.NoError(t, w.manager.Remove(context.Background(), "ask"), "it is gone already")
		a.want(t, "not valid: "+reasonNoReactor)
		w.workflows.want(t, "stop a: reactor_ask_stream_x_closed")
		<-w.executor.closed
		w.ask("x").want(t, "not valid: "+reasonNoReactor)
		require.Empty(t, w.manager.Definitions())

		w.executor = newFakeExecutor()
		require.NoError(t, w.manager.Create(config.Reactor{Name: "ask", Executor: "fake"}))
		b := w.ask("x")
		b.want(t, "valid")
		a.Close()
		b.Close()
		w.nothingLeft(t)
	})
}
