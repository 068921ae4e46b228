package workflow_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"mmids/engine/workflow"
)

var stepIDs = regexp.MustCompile(`Step id \d+`)

// wantSummaries compares how all workflows fare, a line for each.
func (h *house) wantSummaries(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	var got []string
	for _, s := range h.manager.Summaries() {
		got = append(got, inWords(s))
	}
	require.Equal(t, lines, got)
}

func inWords(s workflow.Summary) string {
	words := []string{s.Name, s.Status()}
	if s.UpdateFailure != "" {
		words = append(words, "update: "+s.UpdateFailure)
	}
	for _, c := range s.Steps {
		words = append(words, fmt.Sprintf("%d %s %s", c.Count, c.Type, c.State))
	}
	if s.UnderWay > 0 {
		words = append(words, fmt.Sprintf("%d under way", s.UnderWay))
	}
	return stepIDs.ReplaceAllString(strings.Join(words, ", "), "step")
}

func TestSummaries(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		do := func(name, what string) { h.find(name).env.Futures.Post(result{what, h.stage}) }
		const steps = "source name=in; pass name=x; pass name=y"
		h.wantSummaries(t)
		h.upsert(t, "b", steps)
		h.upsert(t, "a", "pass name=s slow")
		h.wantSummaries(t, "a, Running", "b, Running, 2 pass active, 1 source active")
		do("s", "ready")
		h.wantSummaries(t, "a, Running, 1 pass active", "b, Running, 2 pass active, 1 source active")
		h.stop(t, "a")

		do("x", "unready")
		h.wantSummaries(t, "b, Running, 1 pass created, 1 pass active, 1 source active")
		do("x", "work")
		h.wantSummaries(t, "b, Running, 1 pass created, 1 pass active, 1 source active, 1 under way")
		h.find("x").release <- "ready"
		h.wantSummaries(t, "b, Running, 2 pass active, 1 source active")

		h.upsert(t, "b", steps+"; pass broken=sorry")
		h.wantSummaries(t, "b, Running, update: step failed: not instantiated: sorry, 2 pass active, 1 source active")
		h.upsert(t, "b", steps)
		h.wantSummaries(t, "b, Running, 2 pass active, 1 source active")
		do("y", "fail tired")
		h.wantSummaries(t, "b, step failed: tired, 1 pass error, 1 pass shut_down, 1 source shut_down")
	})
}

// TestSummaryOfAWorkflowThatHangs: it is what was known before, with what is counted without the workflow.
func TestSummaryOfAWorkflowThatHangs(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=hangs")
		synctest.Wait()
		h.find("hangs").env.Futures.Post(result{"hang", h.stage})
		synctest.Wait()
		for range 20_000 {
			h.inboxes["w"].Deliver(read("audio s"))
		}
		h.wantSummaries(t, "w, Running, 1 pass active")
		require.EqualValues(t, 20_000-16_384, h.manager.Summaries()[0].Dropped)
		h.find("hangs").release <- ""
	})
}
