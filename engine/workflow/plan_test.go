package workflow_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

func (h *house) plan(t *testing.T, steps string) workflow.Plan {
	t.Helper()
	plan, err := h.manager.Plan(background, define(t, "w", steps))
	require.NoError(t, err)
	return plan
}

// namesOf returns the names of steps, in order.
func namesOf(steps []workflow.PlannedStep) (list []string) {
	for _, s := range steps {
		p, _ := s.Parameters.Get("name")
		list = append(list, p.Value)
	}
	return list
}

// happened returns which fakes were made and closed since the last call.
func (h *house) happened() (made, closed []string) {
	synctest.Wait()
	for line := range strings.SplitSeq(h.said(), "\n") {
		name, what, _ := strings.Cut(line, ": ")
		switch {
		case strings.HasPrefix(what, "made"):
			made = append(made, name)
		case what == "closed":
			closed = append(closed, name)
		}
	}
	return made, closed
}

// TestPlansComeTrue plans one definition after the other before it is applied, and compares with what happens then. Some are
// followed by the next before they have taken effect.
func TestPlansComeTrue(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		random := rand.New(rand.NewPCG(1, 2))
		pool := []string{"pass name=a", "pass name=b", "double name=c", "pass name=d slow", "source name=e slow", "pass name=a"}
		started, stopped, unchanged := 0, 0, 0
		for range 500 {
			var steps []string
			for _, k := range random.Perm(len(pool))[:random.IntN(4)] {
				steps = append(steps, pool[k])
			}
			definition := strings.Join(steps, " ; ")
			plan := h.plan(t, definition)
			h.happened()
			h.upsert(t, "w", definition)
			synctest.Wait()
			require.Equal(t, len(steps), len(plan.Kept)+len(plan.Started))
			if random.IntN(3) == 0 {
				made, _ := h.happened()
				require.Equal(t, namesOf(plan.Started), made, definition)
				continue // while it waits for slow steps, if it has any
			}
			for _, name := range []string{"d", "e"} {
				if strings.Contains(definition, "name="+name) {
					h.find(name).env.Futures.Post(result{"ready", h.stage})
				}
			}
			made, closed := h.happened()
			require.Equal(t, namesOf(plan.Started), made, definition)
			require.ElementsMatch(t, namesOf(plan.Stopped), closed, definition)
			if !plan.Changes {
				require.Empty(t, plan.Started)
				require.Empty(t, plan.Stopped)
				unchanged++
			}
			require.False(t, h.plan(t, definition).Changes, "it has been applied")
			started, stopped = started+len(made), stopped+len(closed)
		}
		require.Greater(t, started, 100)
		require.Greater(t, stopped, 100)
		require.Greater(t, unchanged, 10)
	})
}

func TestPlan(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		plan := h.plan(t, "pass name=a password=secret")
		require.False(t, plan.IsRunning())
		require.True(t, plan.Changes)
		require.Equal(t, []string{"a"}, namesOf(plan.Started))
		p, _ := plan.Started[0].Parameters.Get("password")
		require.Equal(t, "…", p.Value)

		h.upsert(t, "w", "pass name=a ; pass name=b")
		synctest.Wait()
		plan = h.plan(t, "pass name=b ; pass name=a")
		require.True(t, plan.Changes, "the order changes")
		require.Equal(t, workflow.FromAPI, plan.Source)
		require.Equal(t, []string{"b", "a"}, namesOf(plan.Kept))
		require.Empty(t, plan.Started)
		require.Empty(t, plan.Stopped)
		require.Equal(t, []string{"a", "b"}, namesOf(h.plan(t, "").Stopped))

		h.find("b").env.Futures.Post(result{"fail for a reason", h.stage})
		synctest.Wait()
		plan = h.plan(t, "pass name=a ; pass name=b")
		require.True(t, plan.Changes, "a workflow in error starts anew")
		require.Equal(t, []string{"a", "b"}, namesOf(plan.Started))
		require.Empty(t, plan.Stopped)
	})
}

// TestPlanWhileAnUpdateIsGivenUp counts the steps that run, and none of those that could not be made.
func TestPlanWhileAnUpdateIsGivenUp(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "pass name=a")
		h.upsert(t, "w", "pass name=a ; pass name=b ; pass name=c broken=no")
		synctest.Wait()
		plan := h.plan(t, "pass name=a ; pass name=b")
		require.Equal(t, []string{"a"}, namesOf(plan.Kept))
		require.Equal(t, []string{"b"}, namesOf(plan.Started))
		require.Empty(t, plan.Stopped)
	})
}

// TestSources says who has defined a workflow last, and stops only what the file has.
func TestSources(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		byFile := define(t, "w", "pass name=a")
		byFile.FromFile = true
		source := func() workflow.Source { return h.plan(t, "").Source }
		upsert := func(w config.Workflow) { require.NoError(t, h.manager.Upsert(background, "r", w)); synctest.Wait() }

		upsert(byFile)
		require.Equal(t, workflow.FromFile, source())
		require.Equal(t, []string{"w"}, h.manager.ListFromFile())
		require.ErrorIs(t, h.define(t, true, "pass name=stranger"), workflow.ErrOperators)
		require.NoError(t, h.define(t, false, "pass name=b"))
		require.Equal(t, workflow.FromAPI, source())
		require.Empty(t, h.manager.ListFromFile())
		require.NoError(t, h.manager.StopFromFile(background, "r", "w"))
		require.Equal(t, workflow.FromAPI, source(), "it is not the file's any more")

		upsert(byFile)
		require.NoError(t, h.manager.StopFromFile(background, "r", "w"))
		require.Empty(t, source())

		require.NoError(t, h.define(t, true, "pass name=c"))
		require.Equal(t, workflow.FromReactor, source())
		upsert(byFile)
		require.Equal(t, workflow.FromFile, source())
	})
}
