package workflow

import (
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// failure is why a workflow is in error.
type failure struct {
	step StepID
	err  error
}

// errNoReason stands for the error that a failed step did not give.
var errNoReason = errors.New("the step gave no reason")

// fail puts the workflow in error: every step is closed, and nothing is executed until the next definition. What the
// inbound cache holds still flows, so it stays; everything else that is remembered came from the closed steps.
func (r *runner) fail(i *instance, err error) {
	r.closeAll()
	i.status = Fail(err)
	for id, origin := range r.origins {
		if origin != nil {
			r.endTaps(id)
			delete(r.origins, id)
		}
	}
	if r.givenUp != nil { // what cannot work is no way back
		r.definition, r.givenUp = r.worked, nil
		r.retry.reset()
	}
	r.failure, r.updating = &failure{i.id, err}, false
	r.turned()

	line := logPanic(i.log.Error(), err)
	if IsTemporary(err) {
		line = line.Dur("retry_in_ms", r.retry.start(time.Now()))
	}
	line.Msg("workflow is in error")
}

// logPanic adds an error to a line, with the stack if it is a panic.
func logPanic(line *zerolog.Event, err error) *zerolog.Event {
	line = line.Err(err)
	if p := (*panicError)(nil); errors.As(err, &p) {
		line = line.Bytes("stack", p.stack)
	}
	return line
}

func (r *runner) tryAgain() {
	r.retry.begin(time.Now())
	r.apply(r.definition, r.log.With().Str("request_id", "retry").Logger())
}

// retry says when a workflow in error tries again by itself. The pauses double while it keeps failing soon.
type retry struct {
	timer *time.Timer // nil while nothing is planned
	at    time.Time
	pause time.Duration // the last one; zero after an update
	begun time.Time     // the last attempt
}

// due returns a channel that says when it is time, or nil.
func (t *retry) due() <-chan time.Time {
	if t.timer == nil {
		return nil
	}
	return t.timer.C
}

// in returns how long it takes until it is time, or zero if nothing is planned.
func (t *retry) in(now time.Time) time.Duration {
	if t.timer == nil {
		return 0
	}
	return max(t.at.Sub(now), 1)
}

// start plans the next attempt and returns the pause.
func (t *retry) start(now time.Time) time.Duration {
	if t.pause == 0 || now.Sub(t.begun) > retryPauseMax {
		t.pause = retryPauseMin
	} else {
		t.pause = min(2*t.pause, retryPauseMax)
	}
	t.at = now.Add(t.pause)
	t.timer = time.NewTimer(t.pause)
	return t.pause
}

// begin notes an attempt.
func (t *retry) begin(now time.Time) {
	t.stop()
	t.begun = now
}

// reset forgets earlier failures.
func (t *retry) reset() {
	t.stop()
	t.pause = 0
}

func (t *retry) stop() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
}
