package main

import (
	"bytes"
	"encoding/json"
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/bulletin"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/logging"
)

// The events that are posted here; others are those of the endpoints.
const (
	newsWorkflowStarted = "workflow_started"
	newsWorkflowChanged = "workflow_changed"
	newsWorkflowEnded   = "workflow_ended"
	newsLog             = "log"
)

// workflowNews is what is told of a workflow.
type workflowNews struct {
	Name   string `json:"name"`
	Status string `json:"status,omitempty"`
	Update string `json:"update_error,omitempty"`
}

// openBoard makes the board that shows what happens, with its figures.
func (s *running) openBoard(readersMax int, log zerolog.Logger) {
	s.board = bulletin.New(bulletin.Config{ReadersMax: readersMax, Figures: func() any { return s.moment() }, Log: log})
}

// postLog puts important lines of the log on the board. Secrets have been left out where the lines were written.
func (s *running) postLog(output *logging.Output) {
	if output == nil {
		return
	}
	output.Important(func(_ zerolog.Level, line []byte) {
		if line = bytes.TrimSpace(line); len(line) > logLineBytesMax || !json.Valid(line) {
			return // a stack, as a rule: it is in the log itself
		}
		s.board.Post(newsLog, json.RawMessage(bytes.Clone(line)))
	})
}

// logLineBytesMax bounds what the board holds of the log, together with how many events it holds.
const logLineBytesMax = 8 << 10

// postWorkflows puts what workflows do on the board. It is called before there are any.
func (s *running) postWorkflows() {
	s.hub.Subscribe(event.Workflows, func(e event.Event) {
		switch e := e.(type) {
		case event.WorkflowStarted:
			s.board.Post(newsWorkflowStarted, workflowNews{Name: e.Name})
		case event.WorkflowChanged:
			s.board.Post(newsWorkflowChanged, workflowNews{Name: e.Name, Status: e.Status, Update: e.Update})
		case event.WorkflowEnded:
			s.board.Post(newsWorkflowEnded, workflowNews{Name: e.Name})
		}
	})
}

func (s *running) moment() figures.Moment {
	m := figures.Moment{Streams: s.view.Moment()}
	m.Server = s.server(m.Streams)
	return m
}

func (s *running) serverFigures() figures.Server { return s.server(s.view.Moment()) }

// server is how the server as a whole fares.
func (s *running) server(streams []figures.StreamMoment) figures.Server {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	f := figures.Server{
		Version: version, Seconds: time.Since(s.began).Seconds(), Goroutines: runtime.NumGoroutine(),
		MemoryBytes: memory.Sys - memory.HeapReleased, Connections: s.sockets.Connections(), Streams: len(streams),
	}
	for i := range streams {
		f.Viewers += streams[i].Viewers
	}
	in, out := s.sockets.Rates()
	f.BitsPerSecIn, f.BitsPerSecOut = 8*in, 8*out
	for i, l := range s.sockets.Loops() {
		f.Loops = append(f.Loops, figures.Loop{
			BusyShare: l.BusyShare(), Connections: l.Connections(), FlushMS: s.rtmp.FlushWait(i).Seconds() * 1000,
		})
	}
	return f
}

func (s *running) reactorFigures() []figures.Reactor {
	all := []figures.Reactor{}
	for _, r := range s.reactors.Stats() {
		all = append(all, figures.Reactor{
			Name: r.Reactor, Executor: r.Executor, Streams: r.Streams, Calls: r.Questions,
			Failures: r.FailedQuestions + r.FailedRefreshes, FailedRefreshes: r.FailedRefreshes,
			AnswerMSMean: r.Times.Mean().Seconds() * 1000, Times: r.Times,
		})
	}
	return all
}

// figures are what the API shows.
func (s *running) figures() api.Figures {
	return api.Figures{View: s.view, Board: s.board, Server: s.serverFigures, Reactors: s.reactorFigures, FFmpegs: s.ffmpeg.Figures}
}
