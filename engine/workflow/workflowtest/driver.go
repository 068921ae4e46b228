package workflowtest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// Driver is a step and everything that a workflow does for it, at the pace of the test.
type Driver struct {
	// Futures is where the step's results and media arrive.
	Futures *Futures
	// Env is what the step was made with.
	Env workflow.Env
	// Status is what the step reported last.
	Status workflow.Status

	t    testing.TB
	step workflow.Step
	out  workflow.Output
}

// Drive makes a step from a line of a configuration, which must have no mistakes. The step is closed when the test is
// over, if it has not been before.
func Drive(t testing.TB, kind workflow.Kind, line string) *Driver {
	t.Helper()
	def := Step(t, line)
	if kind.Check != nil {
		require.Empty(t, kind.Check(def))
	}
	f := NewFutures(t)
	d := &Driver{Futures: f, Env: Env(f), t: t}
	var err error
	d.step, d.Status, err = kind.New(def, d.Env)
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d
}

// Execute executes the step and returns what it puts out, which is valid until the next execution.
func (d *Driver) Execute(in workflow.Input) []media.Notification {
	d.out.Reset()
	d.Status = d.step.Execute(in, &d.out)
	return d.out.Media()
}

// Media executes the step with media, releases it afterwards, and returns a copy of what the step put out. Payloads in
// it are only valid as long as somebody holds a count on them.
func (d *Driver) Media(batch ...media.Notification) []media.Notification {
	out := slices.Clone(d.Execute(workflow.Input{Media: batch}))
	for i := range batch {
		batch[i].Release()
	}
	return out
}

// Results waits for the step's futures and executes the step with what they returned, until nothing comes any more. It
// returns a copy of all that the step put out, under the rule of Media.
func (d *Driver) Results() []media.Notification {
	var all []media.Notification
	for {
		d.Futures.Wait()
		results := d.Futures.Results()
		if len(results) == 0 {
			return all
		}
		all = append(all, d.Execute(workflow.Input{Results: results})...)
	}
}

// Step is the step itself, for tests of its own package.
func (d *Driver) Step() workflow.Step { return d.step }

// Close closes the step, as when its workflow drops it.
func (d *Driver) Close() {
	if d.step == nil {
		return
	}
	d.Futures.End()
	d.step.Close()
	d.step = nil
	d.out.Reset()
}

// Step returns the definition that a line of a configuration makes.
func Step(t testing.TB, line string) config.Step {
	t.Helper()
	doc, err := config.Parse("test", []byte("workflow test {\n"+line+"\n}"))
	require.NoError(t, err)
	require.Len(t, doc.Workflows[0].Steps, 1)
	return doc.Workflows[0].Steps[0]
}
