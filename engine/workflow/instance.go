package workflow

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/media"
)

// instance is one making of a step. An update that changes a step's parameters makes another instance; so does a
// restart. Results and media are addressed to an instance, so a late one never reaches a successor. Everything
// but futures and gone belongs to the runner's goroutine.
type instance struct {
	definition
	step     Step // nil if it could not be made
	status   Status
	owner    *Owner
	futures  *futures
	log      zerolog.Logger
	position int // in the active list; -1 while it is not there
	closed   bool
	gone     bool // closed, as the inbox knows it; guarded by the inbox's mutex

	outputs    cache                       // what it put out
	heard      map[media.StreamID]struct{} // streams that it was told of and that have not ended
	out        Output                      // of its last execution, while a chain runs
	came, went Passage                     // all that it was executed with, and that it put out
}

// make makes the step, if its definition has no mistakes. A panic on the way is an error.
func (i *instance) make(registry *Registry, env Env) (err error) {
	defer recoverTo(&err)
	d := i.definition.step
	if mistakes := registry.checkStep(d); len(mistakes) > 0 {
		return config.Errors(mistakes)
	}
	step, status, err := registry.kinds[d.Type].New(d, env)
	if err == nil && step == nil {
		err = errors.New("BUG: the step type made no step")
	}
	if err != nil {
		return err
	}
	i.step, i.status = step, status
	return nil
}

// execute calls the step and returns its status. What it put out lies in out until it is reset.
func (i *instance) execute(in Input) (status Status) {
	i.hear(in.Media)
	defer func() {
		if v := recover(); v != nil {
			status = Fail(&panicError{v, debug.Stack()})
		}
	}()
	return i.step.Execute(in, &i.out)
}

// patience asks the step how much later its media may come.
func (i *instance) patience() (d time.Duration, err error) {
	defer recoverTo(&err)
	if step, ok := i.step.(Patient); ok {
		d = step.Patience()
	}
	return d, nil
}

func (i *instance) hear(batch []media.Notification) {
	for k := range batch {
		switch batch[k].Event {
		case media.NewStream:
			if i.heard == nil {
				i.heard = make(map[media.StreamID]struct{})
			}
			i.heard[batch[k].Stream] = struct{}{}
		case media.Disconnected:
			delete(i.heard, batch[k].Stream)
		}
	}
}

// close ends the instance for good: its futures, its step and what it has cached. Closing it again does nothing.
func (i *instance) close() (err error) {
	if i.closed {
		return nil
	}
	i.closed = true
	i.position = -1
	i.status = Status{State: ShutDown}
	i.futures.end()
	i.outputs.clear()
	clear(i.heard)
	i.out.Reset()
	defer recoverTo(&err)
	if i.step != nil {
		i.step.Close()
	}
	return nil
}

// panicError is a panic of a step's code.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// recoverTo turns a panic into an error. It is to be deferred.
func recoverTo(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{v, debug.Stack()}
	}
}
