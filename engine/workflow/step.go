package workflow

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/media"
)

// Step is one unit of a workflow. Only its workflow calls it, always on the workflow's goroutine, so a step
// needs no locks, and it must never block: slow work goes through [Futures].
type Step interface {
	// Execute takes what arrived, puts what goes on to the next step into out, and returns the step's status.
	// Media and results in it are borrowed until Execute returns.
	Execute(in Input, out *Output) Status

	// Close releases everything that the step holds: registrations, processes, interests. It is called once
	// and does not wait for anything.
	Close()
}

// Reporter is a step that has more to tell of itself than its status, for those who look at the workflow's details.
type Reporter interface {
	// Report is called on the workflow's goroutine, between executions. What it returns is marshalled to JSON later,
	// so nothing may change it.
	Report() any
}

// Patient is a step that at times does not mind when its media comes, because nobody sees the difference. Media comes
// at once where a workflow has a step of another kind.
type Patient interface {
	// Patience is how much later media may come. It is called on the workflow's goroutine whenever media has been carried
	// through the steps.
	Patience() time.Duration
}

// Endless is the patience of a step for which media only has to come some time.
const Endless = time.Duration(math.MaxInt64)

// Input is what a step is executed with. Either list may be empty.
type Input struct {
	// Media are notifications in order, from the step before or from outside the workflow.
	Media []media.Notification
	// Results are what this instance's own futures returned or posted, in order. Only the step knows their types.
	Results []any
}

// Output collects what goes on to the next step. The runner reuses it, so a step must not keep it.
type Output struct {
	media []media.Notification
	owned []media.Notification // to be released when the chain has run
}

// Pass hands on a notification that the step borrowed or keeps a count on itself.
func (o *Output) Pass(n ...media.Notification) { o.media = append(o.media, n...) }

// Emit hands on a notification that the step made: its count on the payload goes to the workflow.
func (o *Output) Emit(n media.Notification) {
	o.media = append(o.media, n)
	o.owned = append(o.owned, n)
}

// Media returns what has been handed on so far.
func (o *Output) Media() []media.Notification { return o.media }

// Reset empties the output and releases what was emitted. The workflow calls it when the chain has run.
func (o *Output) Reset() {
	for i := range o.owned {
		o.owned[i].Release()
	}
	if cap(o.media) > outputKeptMax {
		*o = Output{}
		return
	}
	clear(o.media)
	clear(o.owned)
	o.media, o.owned = o.media[:0], o.owned[:0]
}

// Futures is an instance's door back into its workflow. Every method may be called from any goroutine and never
// blocks. Once the instance has gone, all of them do nothing but release what they are given.
type Futures interface {
	// Go runs f on a goroutine of its own. Its result, unless nil, becomes an input of the instance. The
	// workflow tracks it: ctx ends when the instance goes, and a result that comes later is dropped (see
	// [Discarder]). If f panics, the step has failed.
	Go(f func(ctx context.Context) any)

	// Post hands the instance a result from outside, such as an endpoint's event. Results are never dropped
	// while the instance lives.
	Post(result any)

	// Deliver hands media into the workflow as output of this instance: it goes to the next step, and this
	// step does not see it. It copies batch and takes over one count of each payload. A workflow that cannot
	// keep up drops plain media to the next key frame, counted; everything else is kept, except sequence headers
	// and metadata in absurd numbers.
	Deliver(batch []media.Notification)
}

// Discarder may be implemented by a result that holds something, such as a registration or a count on a payload.
// Discard is called if the result comes too late: exactly once, on any goroutine, and instead of handing it over.
type Discarder interface{ Discard() }

// Env is what a step is made with.
type Env struct {
	Workflow string
	StepID   StepID
	Owner    *Owner
	Futures  Futures
	Log      zerolog.Logger // carries workflow_name and step_id

	// FromReactor says that a reactor's answer asked for the step, not the operator: what reaches beyond the server's own
	// business, such as local files, is not for it.
	FromReactor bool
}

// State is where a step stands in its life.
type State uint8

const (
	Created  State = iota // not ready yet
	Active                // ready
	Failed                // final: puts the workflow in error
	ShutDown              // set by the workflow; final
)

// String returns the state's name in figures.
func (s State) String() string {
	switch s {
	case Created:
		return "created"
	case Active:
		return "active"
	case Failed:
		return "error"
	}
	return "shut_down"
}

// Status is what a step reports.
type Status struct {
	State State
	Err   error // with Failed
}

// Fail returns a Failed status.
func Fail(err error) Status { return Status{State: Failed, Err: err} }

// String returns the status as the API shows it.
func (s Status) String() string {
	switch s.State {
	case Created:
		return "Created"
	case Active:
		return "Active"
	case Failed:
		return fmt.Sprintf("Error: %v", s.Err)
	}
	return "Shut Down"
}

// temporary marks an error whose cause can pass.
type temporary struct{ error }

func (t temporary) Unwrap() error { return t.error }

// Temporary marks an error whose cause can pass by itself, such as a busy port: the workflow tries again with
// growing pauses.
func Temporary(err error) error { return temporary{err} }

// IsTemporary reports whether err, or an error that it wraps, was marked by Temporary.
func IsTemporary(err error) bool { return errors.As(err, new(temporary)) }

// IDStepParameter is the config.Mistake.ID for a missing or wrong parameter of a step.
const IDStepParameter = "E-STEP-PARAM"

// Kind describes one step type to the registry.
type Kind struct {
	// Check returns every mistake in the parameters of a definition, without making anything. Nil means that
	// any parameters will do.
	Check func(d config.Step) []config.Mistake
	// New makes an instance from a definition that passed Check, and its first status.
	New func(d config.Step, env Env) (Step, Status, error)
}
