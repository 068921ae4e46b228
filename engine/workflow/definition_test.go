package workflow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

func TestIDOfAStep(t *testing.T) {
	id := func(line string) StepID { return identify(steps(t, line))[0].id }
	same := func(a, b string) { t.Helper(); require.Equal(t, id(a), id(b)) }
	differ := func(a, b string) { t.Helper(); require.NotEqual(t, id(a), id(b)) }

	same("watch a=1 b=2", "watch a=1 b=2")
	same("watch a=1 b=2", "watch   b=2 a=1")
	same(`watch a=1 b=""`, `watch b="" a=1`)
	same("watch a=1 b", "watch b a=1")

	differ("watch a=1", "watch a=2")
	differ("watch a=1", "watch b=1")
	differ("watch a=1", "pass a=1")
	differ("watch a=1", "watch a=1 b")
	differ("watch a", `watch a=""`)
	differ("watch a=bc", "watch ab=c")
	differ("watch a=1 b=2", "watch a=2 b=1")
	differ("watcha", "watch a")
}

// The id does not depend on the process, so that it can be compared in logs of different days.
func TestIDIsStable(t *testing.T) {
	defs := identify(steps(t, "rtmp_watch rtmp_app=live stream_key=*"))
	require.Equal(t, "3862520909963582898", defs[0].id.String())
}

func TestEqualStepsDifferByOccurrence(t *testing.T) {
	one := identify(steps(t, "watch a=1\npass\nwatch a=1\nwatch a=1"))
	require.Equal(t, one[0].id, identify(steps(t, "watch a=1"))[0].id)
	seen := make(map[StepID]bool)
	for _, d := range one {
		require.False(t, seen[d.id])
		seen[d.id] = true
	}
	other := identify(steps(t, "pass\nwatch a=1\nwatch a=1"))
	require.Equal(t, one[0].id, other[1].id)
	require.Equal(t, one[2].id, other[2].id)
}

func TestCloneDefinitionSharesNoSlice(t *testing.T) {
	w := config.Workflow{Name: "w", Steps: steps(t, "watch a=1")}
	c := cloneDefinition(w)
	w.Steps[0].Params[0].Value = "2"
	w.Steps[0].Type = "other"
	require.Equal(t, steps(t, "watch a=1"), c.Steps)
}
