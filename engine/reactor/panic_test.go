package reactor

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/panics/panictest"
)

// TestPanicAtAnAnswer: the stream concerned gets an answer all the same, asks again later, and others are served.
func TestPanicAtAnAnswer(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		r := w.manager.reactors["ask"]
		quiet := r.log
		r.log = r.log.Hook(panictest.At("stream is valid"))
		w.answers(t, `workflow a {;}`)
		a := w.ask("cam")
		a.want(t, "not valid: it could not be found out whether the stream is allowed")
		require.Equal(t, "cam", w.log.lines(t, zerolog.ErrorLevel)[0]["stream_name"])
		r.log = quiet
		other := w.ask("other")
		other.want(t, "valid")
		after(6 * time.Second)
		a.want(t, "valid")
		a.Close()
		other.Close()
		w.nothingLeft(t)
	})
}

// TestPanicOfTheWorkflowManager: the next request is made.
func TestPanicOfTheWorkflowManager(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.workflows.upsert = func(d config.Workflow) error {
			if d.Name == "bad" {
				panic("oops")
			}
			return nil
		}
		w.answers(t, `workflow bad {;}`)
		bad := w.ask("cam")
		bad.want(t, "valid")
		w.answers(t, `workflow good {;}`)
		good := w.ask("other")
		good.want(t, "valid")
		w.workflows.want(t, "upsert bad: reactor_ask_stream_cam_update", "upsert good: reactor_ask_stream_other_update")
		bad.Close()
		good.Close()
		w.nothingLeft(t)
	})
}

// closingBadly is an executor that panics when it is closed.
type closingBadly struct{ *fakeExecutor }

func (c closingBadly) Close() { panic("in Close") }

// TestPanicOfAnExecutorThatIsClosed does not keep the manager from ending.
func TestPanicOfAnExecutorThatIsClosed(t *testing.T) {
	log := &logBuffer{}
	hub := event.NewHub(zerolog.Nop())
	defer hub.Close()
	var executors Executors
	require.NoError(t, executors.Add("fake", Generator{New: func(config.Reactor, zerolog.Logger) (Executor, error) {
		return closingBadly{newFakeExecutor()}, nil
	}}))
	m := NewManager(&executors, hub, zerolog.New(log))
	require.NoError(t, m.Create(config.Reactor{Name: "ask", Executor: "fake"}))
	require.NoError(t, m.Close(context.Background()))
	lines := log.lines(t, zerolog.ErrorLevel)
	require.Equal(t, "in Close", lines[0]["panic"])
	require.Equal(t, "ask", lines[0]["reactor_name"])
}
