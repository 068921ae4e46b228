package reactor

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
)

func TestWorkflowsMax(t *testing.T) {
	withLimits(t, 10, Limits{WorkflowsMax: 3}, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;};workflow b {;}`)
		cam := w.ask("cam")
		cam.want(t, "valid")
		w.answers(t, `workflow c {;}`)
		other := w.ask("other")
		other.want(t, "valid")
		require.Zero(t, w.counters.Count(limits.ReactorWorkflows), "at the limit")

		w.answers(t, `workflow d {;}`)
		third := w.ask("third")
		third.want(t, "not valid: the server has no room for the workflows of the stream")
		require.EqualValues(t, 1, w.counters.Count(limits.ReactorWorkflows))
		third.Close()
		w.workflows.want(t,
			"upsert a: reactor_ask_stream_cam_update", "upsert b: reactor_ask_stream_cam_update", "upsert c: reactor_ask_stream_other_update")

		// An update that wants too many changes nothing, as one that fails.
		w.answers(t, `workflow a {;};workflow b {;};workflow c {;}`)
		after(11 * time.Second)
		require.EqualValues(t, 3, w.counters.Count(limits.ReactorWorkflows), "of both streams")
		cam.want(t)
		other.want(t)
		w.workflows.want(t)

		other.Close()
		w.answers(t, `workflow a {;};workflow b {;};workflow d {;}`)
		after(10 * time.Second)
		w.workflows.want(t, "stop c: reactor_ask_stream_other_closed",
			"upsert a: reactor_ask_stream_cam_update", "upsert b: reactor_ask_stream_cam_update", "upsert d: reactor_ask_stream_cam_update")
		cam.Close()
		w.nothingLeft(t)
	})
}

// Strangers can ask for any number of names.
func TestLinesAboutStreamsThatAreNotAllowed(t *testing.T) {
	const names = 100
	f := func(answer, message string) {
		t.Helper()
		withLimits(t, 0, Limits{RefusalLinesMax: 4}, func(t *testing.T, w *world) {
			w.answers(t, answer)
			for i := range names {
				w.ask(fmt.Sprintf("cam%d", i))
			}
			synctest.Wait()
			count := func(message string) (n int) {
				for _, line := range w.log.lines(t, zerolog.InfoLevel) {
					if line["message"] == message {
						n++
					}
				}
				return n
			}
			require.Equal(t, 4, count(message))
			require.EqualValues(t, names-4, w.counters.Count(limits.RefusalLines))
			after(time.Second)
			synctest.Wait()
			require.Equal(t, 1, count("further lines about streams that reactors do not allow were left out"))
		})
	}
	f("invalid", "stream is not valid")
	f("error", "no answer could be had, the stream is not valid")
}

func TestAnswerThatIsTooLongIsCounted(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.executor.become(func(Query) (Result, error) { return Result{}, fmt.Errorf("attempt 1: %w", errAnswerTooLong) })
		w.ask("cam").want(t, "not valid: it could not be found out whether the stream is allowed")
		require.EqualValues(t, 1, w.counters.Count(limits.ReactorAnswerBytes))
	})
}
