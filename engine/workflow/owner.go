package workflow

import (
	"sync/atomic"
	"time"
)

// Owner identifies the step instance that holds something in an endpoint, such as a registration. Two owners
// are the same only if they are the same pointer.
type Owner struct {
	Workflow string
	retiring atomic.Bool
	patience atomic.Int64
}

// NewOwner returns an owner of the named workflow. Tests and endpoints that act without a workflow use it.
func NewOwner(workflow string) *Owner { return &Owner{Workflow: workflow} }

// Retiring reports whether the instance is to be closed when its workflow's pending update takes effect.
// Another instance of the same workflow may then take over what it holds.
func (o *Owner) Retiring() bool { return o.retiring.Load() }

// SetRetiring is called by the workflow when an update drops, or keeps after all, the instance.
func (o *Owner) SetRetiring(v bool) { o.retiring.Store(v) }

// Patience is how much later, and more at a time, media may come to the workflow without anybody seeing the difference,
// see [Patient]. It is as of the last media that the workflow was given. Any goroutine.
func (o *Owner) Patience() time.Duration { return time.Duration(o.patience.Load()) }
