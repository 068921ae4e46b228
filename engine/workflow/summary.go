package workflow

import (
	"cmp"
	"slices"
	"strings"
)

// Summary is how a workflow fares: what its runner has made known last, without being asked. It is for those who look at
// thousands of workflows, or cannot wait for one that hangs. Who looks at a single one asks for its [Details].
type Summary struct {
	Name string
	// Failure says why the workflow is in error, and UpdateFailure why the last update was given up, as the API shows it.
	// They are empty if neither is so.
	Failure, UpdateFailure string
	// Steps are the active ones, in the order of type and state. They are shared and must not be changed.
	Steps []StepCount
	// UnderWay counts the futures that have not returned, of all steps that the workflow has and has had.
	UnderWay int
	// Dropped counts the packets that were dropped because the workflow could not keep up.
	Dropped uint64
}

// StepCount is how many steps of a type are in a state.
type StepCount struct {
	Type  string
	State State
	Count int
}

// Status returns the workflow's status as the API shows it.
func (s Summary) Status() string { return cmp.Or(s.Failure, statusRunning) }

// Summaries returns how all workflows fare, in the order of their names. It waits for none of them.
func (m *Manager) Summaries() []Summary {
	m.mu.Lock()
	all := make([]Summary, 0, len(m.running))
	for _, known := range m.running {
		all = append(all, known.runner.summaryOffLoop())
	}
	m.mu.Unlock()
	slices.SortFunc(all, func(a, b Summary) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// summaryOffLoop returns the newest summary, with the counters as they are now.
func (r *runner) summaryOffLoop() Summary {
	s := *r.summary.Load()
	s.UnderWay, s.Dropped = int(r.underWay.Load()), r.inbox.dropped.Load()
	return s
}

// summarize makes known how the workflow fares, if that has changed.
func (r *runner) summarize() {
	if !r.stale {
		return
	}
	r.stale = false
	s := &Summary{Name: r.name, Steps: countSteps(r.active)}
	if r.failure != nil {
		s.Failure = r.describe(r.failure).String()
	}
	if r.givenUp != nil {
		s.UpdateFailure = r.describe(r.givenUp).String()
	}
	r.summary.Store(s)
}

func countSteps(list []*instance) []StepCount {
	counts := make([]StepCount, 0, len(list))
	for _, i := range list {
		counts = addStep(counts, i.definition.step.Type, i.status.State)
	}
	slices.SortFunc(counts, func(a, b StepCount) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), cmp.Compare(a.State, b.State))
	})
	return counts
}

func addStep(counts []StepCount, stepType string, state State) []StepCount {
	for k := range counts {
		if counts[k].Type == stepType && counts[k].State == state {
			counts[k].Count++
			return counts
		}
	}
	return append(counts, StepCount{stepType, state, 1})
}
