package workflow

import (
	"slices"
	"time"
)

// broken handles the failure of an instance. A step that is new in an update which has not taken effect takes the update
// with it and nothing else, provided that something runs; any other takes the workflow with it.
func (r *runner) broken(i *instance, err error) {
	switch {
	case i.closed:
	case r.updating && i.position < 0 && len(r.active) > 0:
		r.giveUp(i, err)
	default:
		r.fail(i, err)
	}
}

// giveUp ends an update that cannot take effect. What runs goes on as before; the new steps are closed and stay in the
// pending list, so that everybody can see what has become of them. The next definition tries again, and so does the
// runner by itself if the cause can pass.
func (r *runner) giveUp(failed *instance, err error) {
	r.closeNew(nil)
	failed.status = Fail(err)
	for _, i := range r.active {
		i.owner.SetRetiring(false)
	}
	r.updating, r.givenUp = false, &failure{failed.id, err}
	r.turned()

	line := logPanic(failed.log.Error(), err)
	if IsTemporary(err) {
		line = line.Dur("retry_in_ms", r.retry.start(time.Now()))
	}
	line.Msg("workflow update is given up, the steps that run go on")
}

// closeNew closes the pending steps that are neither active nor wanted further on, from last to first.
func (r *runner) closeNew(wanted []*instance) {
	for _, i := range slices.Backward(r.pending) {
		if i.position < 0 && !slices.Contains(wanted, i) {
			r.close(i)
			r.forgetOrigin(i)
		}
	}
}
