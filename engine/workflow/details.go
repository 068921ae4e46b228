package workflow

import (
	"fmt"
	"time"

	"mmids/engine/config"
	"mmids/engine/panics"
)

// Details is a workflow's state at one moment. It belongs to whoever asked for it.
type Details struct {
	// Failure is nil while the workflow is running.
	Failure *Failure
	// UpdateFailure is why the last update was given up, while the steps before it run on. Nil if it was not.
	UpdateFailure *Failure
	// Active steps take part in the workflow, Pending ones wait until all of their list are ready, or are those of an
	// update that was given up. Both are in the order of the definition. An inherited step is in both.
	Active, Pending []StepDetails
	// Dropped counts the packets that were dropped because the workflow could not keep up.
	Dropped uint64
}

// Failure says why a workflow is in error, or why an update was given up.
type Failure struct {
	StepID  StepID
	Message string
	// RetryIn is how long it takes until the workflow tries again by itself. Zero means that only another update can help.
	RetryIn time.Duration
}

// String returns the failure as the API shows it.
func (f *Failure) String() string { return fmt.Sprintf("Step id %v failed: %s", f.StepID, f.Message) }

// StepDetails is a step's state at one moment.
type StepDetails struct {
	ID   StepID
	Type string
	// Parameters are in the order of their names, secrets in them made illegible.
	Parameters config.Params
	Status     Status
	// UnderWay counts the futures that have not returned.
	UnderWay int
	// In is the media that the step was executed with, Out what it has put out, also what it delivered by itself.
	In, Out Passage
	// Report is what the step tells of itself, to be marshalled to JSON; nil if it has nothing to tell.
	Report any
}

// Status returns the workflow's status as the API shows it.
func (d Details) Status() string {
	if d.Failure == nil {
		return statusRunning
	}
	return d.Failure.String()
}

// statusRunning is the status of a workflow that is not in error.
const statusRunning = "Running"

func (i *instance) details() StepDetails {
	in, out := i.passages()
	return StepDetails{
		In:         in,
		Out:        out,
		ID:         i.id,
		Type:       i.definition.step.Type,
		Parameters: shownParams(i.definition.step.Params),
		Status:     i.status,
		UnderWay:   int(i.futures.underWay.Load()),
		Report:     i.report(),
	}
}

// report asks the step. One that panics has nothing to tell.
func (i *instance) report() (report any) {
	r, ok := i.step.(Reporter)
	if !ok || i.closed {
		return nil
	}
	panics.Contain(i.log, "step cannot report", func() { report = r.Report() })
	return report
}
