package main

import (
	"bytes"
	"encoding/json"

	"github.com/rs/zerolog"

	"mmids/engine/bulletin"
	"mmids/engine/event"
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
func (s *running) openBoard(readersMax int) {
	s.board = bulletin.New(bulletin.Config{ReadersMax: readersMax, Figures: func() any { return s.moment() }})
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
