package workflow

import (
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/media"
	"mmids/engine/panics"
)

// runner runs one workflow. Methods whose names end in OffLoop, and Deliver, may be called from any goroutine and only
// hand something over; all others are the loop's.
type runner struct {
	name     string
	log      zerolog.Logger // carries workflow_name
	registry *Registry
	inbox    *inbox
	done     chan struct{}               // closed when everything has been released
	ended    func(*runner)               // called just before done is closed
	changed  func(event.WorkflowChanged) // unless nil, called when the state is another
	summary  atomic.Pointer[Summary]     // the newest, never changed; its counters are those below and the inbox's
	underWay atomic.Int64                // futures that have not returned

	// The loop owns the rest.
	definition config.Workflow // the newest one
	worked     config.Workflow // the last one that took effect
	active     []*instance
	pending    []*instance
	updating   bool     // pending waits for the swap
	failure    *failure // of the workflow
	givenUp    *failure // of the last update, if it was given up; pending shows its steps
	stopped    bool
	retry      retry
	drops      dropLog
	turns      uint64 // of the state: swaps, failures, updates that were given up
	told       uint64 // turns that changed was called for
	stale      bool   // the summary is not how the workflow fares any more

	inbound cache                        // of media from outside
	origins map[media.StreamID]*instance // the step that a stream came from first; nil for outside
	taps    []*Tap
}

var _ event.Inbox = (*runner)(nil)

func newRunner(name string, registry *Registry, log zerolog.Logger, ended func(*runner)) *runner {
	log = log.With().Str("workflow_name", name).Logger()
	r := &runner{
		name:     name,
		log:      log,
		registry: registry,
		inbox:    newInbox(log),
		done:     make(chan struct{}),
		ended:    ended,
		origins:  make(map[media.StreamID]*instance),
	}
	r.summary.Store(&Summary{Name: name})
	return r
}

// Deliver takes media from outside the workflow.
func (r *runner) Deliver(batch []media.Notification) { r.inbox.deliver(nil, batch) }

// updateOffLoop reports false if the workflow has ended.
func (r *runner) updateOffLoop(requestID string, w config.Workflow) bool {
	return r.inbox.control(func() { r.update(requestID, w) })
}

func (r *runner) stopOffLoop(requestID string) {
	r.inbox.control(func() {
		r.log.Info().Str("request_id", requestID).Msg("workflow is being stopped")
		r.stopped = true
	})
}

// loop owns every field of runner below that comment. Steps run on it and must not block.
func (r *runner) loop() {
	defer r.end()
	for !r.stopped {
		select {
		case <-r.inbox.wake:
			r.work()
		case <-r.retry.due():
			r.tryAgain()
		}
		r.tellOfChange()
	}
}

// work handles all that has arrived, in its order.
func (r *runner) work() {
	q := r.inbox.take()
	defer r.inbox.giveBack(q)
	var media, results, controls int
	for _, run := range q.runs {
		switch run.kind {
		case runMedia:
			r.handleMedia(run.from, q.media[media:media+run.count])
			media += run.count
		case runResults:
			r.handleResults(run.from, q.results[results:results+run.count])
			results += run.count
		case runControl:
			for _, f := range q.controls[controls : controls+run.count] {
				if f(); r.stopped {
					return
				}
			}
			controls += run.count
		}
		r.swapIfReady()
		r.summarize() // here, since a step may hang in what comes next
	}
	r.drops.report(r)
}

// tellOfChange says once for all changes of a batch how the workflow fares now.
func (r *runner) tellOfChange() {
	r.summarize()
	if r.told == r.turns || r.stopped {
		return
	}
	r.told = r.turns
	if r.changed == nil {
		return
	}
	s := r.summary.Load()
	r.changed(event.WorkflowChanged{Name: r.name, Inbox: r, Status: s.Status(), Update: s.UpdateFailure})
}

// turned notes that the workflow has another state.
func (r *runner) turned() {
	r.turns++
	r.stale = true
}

// end releases everything. It also runs when the loop has panicked, which is our mistake and ends the workflow, but
// nothing else.
func (r *runner) end() {
	if v := recover(); v != nil {
		panics.Describe(r.log.Error(), v).Msg("BUG: the workflow's runner panicked")
	}
	defer close(r.done)
	defer r.ended(r)
	defer r.inbox.close()
	panics.Contain(r.log, "panic while the workflow ended", func() {
		r.retry.stop()
		r.closeAll()
		r.inbound.clear()
		r.log.Info().Msg("workflow has ended")
	})
}

// closeAll closes every instance: active ones first, then pending ones.
func (r *runner) closeAll() {
	for _, list := range [][]*instance{r.active, r.pending} {
		for _, i := range list {
			r.close(i)
		}
	}
}

func (r *runner) close(i *instance) {
	if i.closed {
		return
	}
	if err := i.close(); err != nil {
		logPanic(i.log.Error(), err).Msg("step failed while it was closed")
		return
	}
	i.log.Info().Msg("step is closed")
}

func (r *runner) details() Details {
	d := Details{Dropped: r.inbox.dropped.Load()}
	for _, i := range r.active {
		d.Active = append(d.Active, i.details())
	}
	for _, i := range r.pending {
		d.Pending = append(d.Pending, i.details())
	}
	if r.failure != nil {
		d.Failure = r.describe(r.failure)
	}
	if r.givenUp != nil {
		d.UpdateFailure = r.describe(r.givenUp)
	}
	return d
}

func (r *runner) describe(f *failure) *Failure {
	return &Failure{StepID: f.step, Message: f.err.Error(), RetryIn: r.retry.in(time.Now())}
}

// dropLog logs that media was dropped, but not each time.
type dropLog struct {
	logged uint64
	next   time.Time
}

func (d *dropLog) report(r *runner) {
	dropped := r.inbox.dropped.Load()
	if dropped == d.logged {
		return
	}
	now := time.Now()
	if now.Before(d.next) {
		return
	}
	r.log.Warn().Uint64("packets", dropped-d.logged).Msg("workflow cannot keep up, media was dropped to the next key frame")
	d.logged, d.next = dropped, now.Add(dropLogPause)
}
