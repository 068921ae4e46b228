package reactor

import (
	"time"

	"mmids/engine/figures"
)

// The events that reactors post, see Manager.Tell.
const (
	NewsCalled   = "reactor_called"   // Called
	NewsAnswered = "reactor_answered" // Answered
	NewsFailed   = "reactor_failed"   // Failed

	NewsWorkflowStarted = "reactor_workflow_started" // Made
	NewsWorkflowEnded   = "reactor_workflow_ended"   // Made
)

// Called says that a reactor asks about a stream that it knows no valid answer for.
type Called struct {
	Reactor string `json:"reactor_name"`
	Stream  string `json:"stream_name"`
	Kind    Kind   `json:"kind"`
}

// Answered says what the answer was: that to a Called, or another one than before.
type Answered struct {
	Reactor   string  `json:"reactor_name"`
	Stream    string  `json:"stream_name"`
	Valid     bool    `json:"valid"`
	Reason    string  `json:"reason,omitempty"` // why it is not valid
	Workflows int     `json:"workflows"`        // that are to run
	AnswerMS  float64 `json:"answer_ms"`        // that it took
}

// Failed says that no answer could be had: to a Called, or to the first of several repeated questions.
type Failed struct {
	Reactor string `json:"reactor_name"`
	Stream  string `json:"stream_name"`
	Refresh bool   `json:"refresh"` // the last answer stays
	Error   string `json:"error"`
}

// Made says that a workflow was started because an answer has it, or is no longer needed by any.
type Made struct {
	Reactor  string `json:"reactor_name"`
	Stream   string `json:"stream_name"`
	Workflow string `json:"workflow_name"`
}

// Tell has what the reactors do posted, before there is one. Questions are repeated for each stream at each interval, so of
// these only what is new is told.
func (m *Manager) Tell(n figures.News) {
	m.news = n
	m.workflows.tell(n)
}

// tellCalled begins what is told of a question.
func (r *reactor) tellCalled(s *stream) {
	s.asked, s.announced = time.Now(), !s.answer.Valid
	if s.announced {
		r.news.Post(NewsCalled, Called{Reactor: r.name, Stream: s.name, Kind: s.query.Kind})
	}
}

// tellAnswered tells of an answer, before it counts.
func (r *reactor) tellAnswered(s *stream, a Answer, workflows int) {
	s.failing = false
	if s.announced || !s.answer.equal(a) {
		r.news.Post(NewsAnswered, Answered{
			Reactor: r.name, Stream: s.name, Valid: a.Valid, Reason: figures.Shortened(a.Reason), Workflows: workflows,
			AnswerMS: float64(time.Since(s.asked)) / float64(time.Millisecond),
		})
	}
}

// tellFailed tells that there is no answer, unless that is known.
func (r *reactor) tellFailed(s *stream, err error) {
	if s.announced || !s.failing {
		r.news.Post(NewsFailed, Failed{Reactor: r.name, Stream: s.name, Refresh: s.answer.Valid, Error: figures.Shortened(err.Error())})
	}
	s.failing = true
}
