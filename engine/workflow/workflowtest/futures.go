// Package workflowtest helps to test steps without a workflow around them.
package workflowtest

import (
	"context"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"mmids/engine/media"
	"mmids/engine/workflow"
)

// Futures stands for the workflow's side of a step's futures: it keeps what comes until the test takes it. It may be
// used from any goroutine.
type Futures struct {
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	results []any
	media   []media.Notification
}

var _ workflow.Futures = (*Futures)(nil)

// NewFutures returns futures of an instance that lives until End, or until the test is over.
func NewFutures(t testing.TB) *Futures {
	f := &Futures{}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	t.Cleanup(f.End)
	return f
}

// Env returns what a step of the workflow "test" is made with.
func Env(f *Futures) workflow.Env {
	return workflow.Env{
		Workflow: "test",
		StepID:   1,
		Owner:    workflow.NewOwner("test"),
		Futures:  f,
		Log:      zerolog.Nop(),
	}
}

// Go runs work on a goroutine of its own and keeps its result.
func (f *Futures) Go(work func(context.Context) any) {
	if f.ctx.Err() == nil {
		f.work.Go(func() { f.Post(work(f.ctx)) })
	}
}

// Post keeps a result.
func (f *Futures) Post(result any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if result != nil && f.ctx.Err() == nil {
		f.results = append(f.results, result)
	} else if d, ok := result.(workflow.Discarder); ok {
		d.Discard()
	}
}

// Deliver keeps a batch and its counts.
func (f *Futures) Deliver(batch []media.Notification) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.media = append(f.media, batch...)
	if f.ctx.Err() != nil {
		f.release()
	}
}

// Wait waits until all work has returned.
func (f *Futures) Wait() { f.work.Wait() }

// Results takes what came since the last call.
func (f *Futures) Results() []any {
	f.mu.Lock()
	defer f.mu.Unlock()
	results := f.results
	f.results = nil
	return results
}

// Delivered takes what was delivered since the last call. Its counts are the caller's.
func (f *Futures) Delivered() []media.Notification {
	f.mu.Lock()
	defer f.mu.Unlock()
	batch := f.media
	f.media = nil
	return batch
}

// End is the end of the instance: the context of all work ends, End waits for it, and what nobody took is discarded.
func (f *Futures) End() {
	f.cancel()
	f.Wait()
	for _, result := range f.Results() {
		if d, ok := result.(workflow.Discarder); ok {
			d.Discard()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.release()
}

func (f *Futures) release() {
	for i := range f.media {
		f.media[i].Release()
	}
	f.media = nil
}
