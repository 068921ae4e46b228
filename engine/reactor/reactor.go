package reactor

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/engine/panics"
)

// errPanic is what an answer counts as that the reactor itself could not deal with.
var errPanic = errors.New("internal error")

var ended = Answer{Ended: true, Reason: reasonEnded}

// way is how a reactor asks, which an update of the reactor replaces.
type way struct {
	executor  Executor
	interval  time.Duration  // zero: ask once
	questions sync.WaitGroup // under way
}

// close waits until nobody is asked any more.
func (w *way) close(log zerolog.Logger) {
	w.questions.Wait()
	panics.Contain(log, "the executor panicked when it was closed", w.executor.Close)
}

// reactor asks its executor about stream names. Its goroutine owns the streams with their interests and timers;
// everything else reaches it through the inbox.
type reactor struct {
	name         string
	executorName string
	workflows    *workflows
	limits       Limits
	news         figures.News
	log          zerolog.Logger
	refusals     zerolog.Logger // for what strangers can cause any number of times

	inbox *inbox
	ways  sync.WaitGroup // that have not been closed
	done  chan struct{}  // closed when all has ended

	// These belong to the goroutine.
	way      *way
	streams  map[string]*stream
	made     int    // workflows of all streams
	farewell Answer // that askers get at the end

	streamCount     atomic.Int64
	questionCount   atomic.Uint64
	failedQuestions atomic.Uint64
	failedRefreshes atomic.Uint64
	times           figures.Stopwatch // of questions
}

// stream is a name that somebody is interested in. It goes with the last interest; when the name is asked for again, that
// is another stream.
type stream struct {
	name      string
	query     Query // of the one who made the reactor ask
	interests map[*Interest]struct{}
	user      *user // of workflows
	made      int   // workflows
	answer    Answer
	cancel    context.CancelFunc // of the question under way, else nil
	timer     *time.Timer        // of the next question, or nil
	asked     time.Time          // the newest question
	announced bool               // it was told of, as news
	failing   bool               // the question before had no answer
}

func startReactor(d config.Reactor, executor Executor, w *workflows, l Limits, news figures.News, log, refusals zerolog.Logger) *reactor {
	r := &reactor{
		name:         d.Name,
		executorName: d.Executor,
		workflows:    w,
		limits:       l,
		news:         news,
		log:          log,
		refusals:     refusals,
		inbox:        newInbox(),
		done:         make(chan struct{}),
		streams:      make(map[string]*stream),
		way:          &way{executor: executor, interval: d.UpdateInterval},
		farewell:     ended,
	}
	go r.loop()
	return r
}

// change replaces the way of asking. Answers stay until the next question, which is asked the new way, so an update causes
// no more questions than there are without it.
func (r *reactor) change(next *way) {
	old := r.way
	r.way = next
	r.ways.Go(func() { old.close(r.log) })
	if next.interval == old.interval {
		return
	}
	for _, s := range r.streams {
		s.stopTimer()
		if s.cancel == nil && s.answer.Valid {
			r.refreshLater(s)
		}
	}
}

func (r *reactor) loop() {
	defer close(r.done)
	r.inbox.run(r.log)
	for _, s := range r.streams {
		r.drop(s)
		for i := range s.interests {
			i.tell(r.farewell)
		}
	}
	r.way.close(r.log)
	r.ways.Wait()
}

// ask adds an interest.
func (r *reactor) ask(i *Interest) {
	if i.closed.Load() {
		return // its release has nothing to find
	}
	s := r.streams[i.query.StreamName]
	if s == nil {
		s = &stream{
			name:      i.query.StreamName,
			interests: make(map[*Interest]struct{}),
			user:      &user{reactor: r.name, stream: i.query.StreamName},
		}
		r.streams[s.name] = s
		r.streamCount.Add(1)
	}
	s.interests[i] = struct{}{}
	i.stream = s
	switch {
	case s.answer.Valid:
		i.told = true
		i.tell(s.answer)
	case s.cancel == nil:
		s.query = i.query
		r.question(s)
	}
}

// release removes an interest, and with the last one the stream.
func (r *reactor) release(i *Interest) {
	s := i.stream
	if s == nil {
		return
	}
	i.stream = nil
	delete(s.interests, i)
	if len(s.interests) == 0 {
		r.drop(s)
		r.log.Debug().Str("stream_name", s.name).Msg("nobody is interested in the stream any more")
	}
}

// drop forgets a stream and everything that was done for it.
func (r *reactor) drop(s *stream) {
	delete(r.streams, s.name)
	r.streamCount.Add(-1)
	s.stopTimer()
	if s.cancel != nil {
		s.cancel()
	}
	r.run(s, nil, r.requestID(s, "closed"))
}

// question asks the executor, on a goroutine of its own.
func (r *reactor) question(s *stream) {
	s.stopTimer()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	q := s.query
	r.questionCount.Add(1)
	r.tellCalled(s)
	way := r.way
	way.questions.Go(func() {
		defer cancel()
		begun := time.Now()
		result, err := way.execute(ctx, q)
		r.times.Note(time.Since(begun))
		r.inbox.post(func() {
			log := r.log.With().Str("stream_name", s.name).Logger()
			if !panics.Contain(log, "BUG: the reactor panicked at an answer", func() { r.answered(s, result, err) }) {
				r.answered(s, Result{}, errPanic)
			}
		})
	})
}

func (w *way) execute(ctx context.Context, q Query) (_ Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the executor panicked: %v\n%s", v, debug.Stack())
		}
	}()
	return w.executor.Execute(ctx, q)
}

// answered takes the result of the question under way.
func (r *reactor) answered(s *stream, result Result, err error) {
	if r.streams[s.name] != s {
		return // nobody waits for it any more
	}
	s.cancel = nil
	if err == nil {
		err = r.checkWorkflows(s, result)
	}
	if errors.Is(err, errAnswerTooLong) {
		r.limits.Counters.Exceeded(limits.ReactorAnswerBytes)
	}
	if err != nil {
		r.tellFailed(s, err)
	}
	switch {
	case err != nil && s.answer.Valid:
		r.failedRefreshes.Add(1)
		r.log.Warn().Err(err).Str("stream_name", s.name).Msg("the answer could not be refreshed, the last one stays")
	case err != nil:
		r.failedQuestions.Add(1)
		r.refusals.Warn().Err(err).Str("stream_name", s.name).Msg("no answer could be had, the stream is not valid")
		r.answer(s, Answer{Reason: reasonOf(err)})
	case result.Valid:
		r.accept(s, result)
	default:
		r.reject(s, result)
	}
	if s.answer.Valid || err != nil {
		r.refreshLater(s)
	}
}

func (r *reactor) accept(s *stream, result Result) {
	a := Answer{Valid: true, Routable: result.routable()}
	if !s.answer.equal(a) {
		level := zerolog.InfoLevel
		if len(a.Routable) == 0 {
			level = zerolog.WarnLevel // a workflow that forwards by this reactor has nowhere to forward to
		}
		r.log.WithLevel(level).Str("stream_name", s.name).Int("workflows", len(result.Workflows)).Strs("routable", a.Routable).
			Msg("stream is valid")
	}
	r.tellAnswered(s, a, len(result.Workflows))
	r.run(s, result.Workflows, r.requestID(s, "partially_ended"))
	r.answer(s, a)
}

func (r *reactor) reject(s *stream, result Result) {
	a := Answer{Reason: result.Reason}
	if a.Reason == "" {
		a.Reason = reasonNotValid
	}
	r.refusals.Info().Str("stream_name", s.name).Str("reason", a.Reason).Msg("stream is not valid")
	r.tellAnswered(s, a, 0)
	r.run(s, nil, r.requestID(s, "ended"))
	r.answer(s, a)
}

// errTooManyWorkflows makes an answer as good as none: what a stream needs cannot be run in part.
var errTooManyWorkflows = errors.New("the answer has more workflows than the reactor may make")

// checkWorkflows reports whether there is room for the workflows of an answer.
func (r *reactor) checkWorkflows(s *stream, result Result) error {
	if n := r.made - s.made + len(result.Workflows); n > r.limits.WorkflowsMax {
		r.limits.Counters.Exceeded(limits.ReactorWorkflows)
		return fmt.Errorf("%w: %d, at most %d", errTooManyWorkflows, n, r.limits.WorkflowsMax)
	}
	return nil
}

// reasonOf is what the clients of a stream are told that there is no answer for.
func reasonOf(err error) string {
	if errors.Is(err, errTooManyWorkflows) {
		return reasonNoRoom
	}
	return reasonUnreachable
}

// run makes list the workflows of a stream.
func (r *reactor) run(s *stream, list []config.Workflow, stopID string) {
	r.made += len(list) - s.made
	s.made = len(list)
	r.workflows.set(s.user, list, r.requestID(s, "update"), stopID)
}

// answer tells the interests of a stream what they have not heard yet.
func (r *reactor) answer(s *stream, a Answer) {
	changed := !s.answer.equal(a)
	s.answer = a
	for i := range s.interests {
		if changed || !i.told {
			i.told = true
			i.tell(a)
		}
	}
}

// refreshLater asks again when the interval is over.
func (r *reactor) refreshLater(s *stream) {
	if r.way.interval <= 0 {
		return
	}
	var t *time.Timer
	t = time.AfterFunc(r.way.interval, func() {
		r.inbox.post(func() {
			if s.timer == t { // else it was stopped too late
				r.question(s)
			}
		})
	})
	s.timer = t
}

func (s *stream) stopTimer() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// requestID is what finds a change of workflows in the log.
func (r *reactor) requestID(s *stream, what string) string {
	return "reactor_" + r.name + "_stream_" + s.name + "_" + what
}

func (r *reactor) stats() Stats {
	return Stats{
		Reactor:         r.name,
		Executor:        r.executorName,
		Times:           r.times.Times(),
		Streams:         r.streamCount.Load(),
		Questions:       r.questionCount.Load(),
		FailedQuestions: r.failedQuestions.Load(),
		FailedRefreshes: r.failedRefreshes.Load(),
	}
}
