package reactor

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

// wantNews compares what was told; the names of reactor and stream, which are the same in all of it, are left out.
func (w *world) wantNews(t *testing.T, lines ...string) {
	t.Helper()
	var got []string
	for _, line := range w.news.take() {
		line, ok := strings.CutSuffix(line, " <nil>")
		require.True(t, ok, line)
		require.Contains(t, line, `{"reactor_name":"ask","stream_name":"cam",`)
		got = append(got, strings.Replace(line, `"reactor_name":"ask","stream_name":"cam",`, "", 1))
	}
	require.Equal(t, lines, got)
}

// TestNewsOfRepeatedQuestions: only what is new is told.
func TestNewsOfRepeatedQuestions(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.executor.delay = 250 * time.Millisecond
		w.answers(t, `workflow a {;}`)
		a := w.ask("cam")
		after(time.Second)
		w.wantNews(t,
			`reactor_called {"kind":"publish"}`,
			`reactor_answered {"valid":true,"workflows":1,"answer_ms":250}`,
			`reactor_workflow_started {"workflow_name":"a"}`,
		)
		another := w.ask("cam")
		after(12 * time.Second)
		w.wantNews(t) // two answers, the same as before

		w.answers(t, "error")
		after(12 * time.Second)
		w.wantNews(t, `reactor_failed {"refresh":true,"error":"out of reach"}`)
		w.answers(t, `workflow b routed_by_reactor {;}`)
		after(12 * time.Second)
		w.wantNews(t,
			`reactor_answered {"valid":true,"workflows":1,"answer_ms":250}`,
			`reactor_workflow_started {"workflow_name":"b"}`,
			`reactor_workflow_ended {"workflow_name":"a"}`,
		)
		w.answers(t, "error")
		after(6 * time.Second)
		w.wantNews(t, `reactor_failed {"refresh":true,"error":"out of reach"}`)
		w.answers(t, "invalid banned")
		after(12 * time.Second)
		w.wantNews(t,
			`reactor_answered {"valid":false,"reason":"banned","workflows":0,"answer_ms":250}`,
			`reactor_workflow_ended {"workflow_name":"b"}`,
		)
		a.Close()
		another.Close()
		w.wantNews(t)
	})
}

// TestNewsOfRefusals: each question that somebody waits for is told, with what becomes of it.
func TestNewsOfRefusals(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		called := `reactor_called {"kind":"publish"}`
		for range 2 {
			w.answers(t, "invalid")
			a := w.ask("cam")
			w.wantNews(t, called, `reactor_answered {"valid":false,"reason":"the stream is not allowed","workflows":0,"answer_ms":0}`)
			a.Close()
			w.answers(t, "error")
			a = w.ask("cam")
			w.wantNews(t, called, `reactor_failed {"refresh":false,"error":"out of reach"}`)
			a.Close()
		}
	})
}

// TestNoNewsOfAWorkflowThatCannotBe: what was not started has no end.
func TestNoNewsOfAWorkflowThatCannotBe(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.workflows.upsert = func(config.Workflow) error { return errors.New("there is no room") }
		w.answers(t, `workflow a {;}`)
		a := w.ask("cam")
		w.wantNews(t, `reactor_called {"kind":"publish"}`, `reactor_answered {"valid":true,"workflows":1,"answer_ms":0}`)
		a.Close()
		w.wantNews(t)
	})
}
