package reactor

import (
	"mmids/engine/event"
	"mmids/engine/figures"
)

// errand is what the workflow manager is asked for.
type errand struct {
	manager  event.Manager
	news     figures.News
	id, name string
	wanted   *wanted
	use      use // of an upsert
}

func (w *workflows) upsert(r errand) {
	if err := r.manager.Upsert(w.ctx, r.id, r.use.definition); err != nil {
		w.log.Warn().Err(err).Str("request_id", r.id).Str("workflow_name", r.name).
			Msg("the workflow of a reactor could not be started or updated")
		return
	}
	if r.wanted.maker == nil {
		r.wanted.maker = r.use.user
		r.tell(NewsWorkflowStarted)
	}
}

// stop can only fail while the server is being stopped.
func (w *workflows) stop(r errand) {
	if err := r.manager.Stop(w.ctx, r.id, r.name); err != nil {
		w.log.Debug().Err(err).Str("request_id", r.id).Str("workflow_name", r.name).
			Msg("the workflow of a reactor was not stopped")
		return
	}
	if r.wanted.maker != nil {
		r.tell(NewsWorkflowEnded)
	}
}

// tell tells of a workflow that was started or ended for its maker.
func (r errand) tell(what string) {
	maker := r.wanted.maker
	r.news.Post(what, Made{Reactor: maker.reactor, Stream: maker.stream, Workflow: r.name})
}
