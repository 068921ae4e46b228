package workflow

import (
	"cmp"
	"slices"

	"github.com/rs/zerolog"

	"mmids/engine/config"
)

// update applies a definition that came from outside.
func (r *runner) update(requestID string, w config.Workflow) {
	log := r.log.With().Str("request_id", requestID).Logger()
	r.definition = w
	r.retry.reset()
	r.apply(w, log)
}

// apply makes the steps of w that do not exist yet and swaps them in when all of them are ready. A workflow in error
// starts anew.
func (r *runner) apply(w config.Workflow, log zerolog.Logger) {
	next := identify(w.Steps)
	r.stale = true
	if r.failure != nil {
		r.failure, r.active, r.pending, r.updating = nil, nil, nil, false
	} else if !r.updating && same(r.active, next) {
		r.pending, r.givenUp = nil, nil
		log.Info().Msg("workflow update changes nothing")
		return
	}
	r.givenUp = nil
	log.Info().Int("steps", len(next)).Msg("workflow definition is being applied")

	list := r.inherit(next)
	r.closeNew(list)
	for _, i := range r.active {
		i.owner.SetRetiring(!slices.Contains(list, i))
	}
	r.pending, r.updating = list, true

	var failed *instance
	var reason error
	for k, i := range list {
		if i != nil {
			continue
		}
		list[k] = r.newInstance(next[k])
		if failed != nil {
			list[k].close()
		} else if reason = r.create(list[k], w.FromReactor, log); reason != nil {
			failed = list[k]
		}
	}
	if failed != nil {
		r.broken(failed, reason)
		return
	}
	r.swapIfReady()
}

// same reports whether a list has these steps and no others, in this order.
func same(list []*instance, next []definition) bool {
	return slices.EqualFunc(list, next, func(i *instance, d definition) bool { return i.id == d.id })
}

// inherit returns the instance of each definition, or nil where there is none.
func (r *runner) inherit(next []definition) []*instance {
	known := make(map[StepID]*instance)
	for _, i := range slices.Concat(r.active, r.pending) {
		if !i.closed { // as those of an update that was given up are
			known[i.id] = i
		}
	}
	list := make([]*instance, len(next))
	for k, d := range next {
		list[k] = known[d.id]
	}
	return list
}

func (r *runner) newInstance(d definition) *instance {
	i := &instance{
		definition: d,
		owner:      NewOwner(r.name),
		log:        r.log.With().Stringer("step_id", d.id).Logger(),
		position:   -1,
	}
	i.futures = newFutures(r.inbox, i, &r.underWay, func(err error) {
		r.inbox.control(func() { r.broken(i, err) })
	})
	return i
}

// create makes the step of an instance.
func (r *runner) create(i *instance, fromReactor bool, log zerolog.Logger) error {
	d := i.definition.step
	log.Info().Stringer("step_id", i.id).Str("step_type", d.Type).
		Object("parameters", loggedParams(sortedParams(d.Params))).Msg("step is being created")
	err := i.make(r.registry, Env{
		Workflow: r.name,
		StepID:   i.id,
		Owner:    i.owner,
		Futures:  i.futures,
		Log:      i.log,

		FromReactor: fromReactor,
	})
	if err != nil {
		return &createError{err}
	}
	if i.status.State == Failed {
		return cmp.Or(i.status.Err, errNoReason)
	}
	return nil
}

// createError is the failure of a step that does not exist.
type createError struct{ err error }

func (e *createError) Error() string { return "not instantiated: " + e.err.Error() }
func (e *createError) Unwrap() error { return e.err }
