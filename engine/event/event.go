// Package event tells components about each other's coming and going: which workflows run, and who manages them. It
// knows names and what can be called, nothing of how a workflow works.
package event

import (
	"context"

	"mmids/engine/config"
	"mmids/engine/media"
)

// Event is one of [WorkflowStarted], [WorkflowChanged], [WorkflowEnded] and [ManagerRegistered].
type Event interface{ topic() Topic }

// Topic is what a subscriber asks for.
type Topic uint8

const (
	// Workflows brings WorkflowStarted, WorkflowChanged and WorkflowEnded.
	Workflows Topic = iota
	// Managers brings ManagerRegistered.
	Managers
	topics
)

// WorkflowStarted says that a workflow takes media. Its steps need not be ready, and it may be in error.
type WorkflowStarted struct {
	Name  string
	Inbox Inbox
}

// WorkflowChanged says that a workflow has another state than before: its steps are ready, it is in error, or an update was
// given up. It comes between the start and the end of its workflow, but not for each of several changes at once.
type WorkflowChanged struct {
	Name   string
	Inbox  Inbox
	Status string // as the API shows it
	Update string // why the last update was given up; empty if it was not
}

// WorkflowEnded says that the workflow with this very inbox has gone. When a workflow ends and another one of the
// same name starts, a subscriber may already know the newer inbox: it must compare before it forgets.
type WorkflowEnded struct {
	Name  string
	Inbox Inbox
}

// ManagerRegistered says who starts and stops workflows from now on.
type ManagerRegistered struct{ Manager Manager }

func (WorkflowStarted) topic() Topic   { return Workflows }
func (WorkflowChanged) topic() Topic   { return Workflows }
func (WorkflowEnded) topic() Topic     { return Workflows }
func (ManagerRegistered) topic() Topic { return Managers }

// Inbox is where media from outside enters a workflow. An inbox is one running workflow's, so two of them are the same
// workflow only if they are equal; implementations are pointers.
type Inbox interface {
	// Deliver hands media to the workflow's first step. It may be called from any goroutine and never blocks.
	// It copies batch and takes over one count of each payload, so a caller that only borrows a notification
	// retains it first. A workflow that has ended just releases what it is given.
	Deliver(batch []media.Notification)
}

// Manager is what reactors may ask of a workflow manager. It concerns workflows of theirs only: the operator's are left as
// they are. A request id only serves to find the request in the log.
type Manager interface {
	// Upsert starts the workflow, or updates the running one of that name. It fails if that is the operator's.
	Upsert(ctx context.Context, requestID string, w config.Workflow) error
	// Stop ends the named workflow. It is not an error if there is none, or if it is the operator's.
	Stop(ctx context.Context, requestID, name string) error
}
