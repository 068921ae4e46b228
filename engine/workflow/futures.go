package workflow

import (
	"context"
	"sync/atomic"

	"mmids/engine/media"
)

// futures is an instance's way into the inbox of its workflow. All of it may be used from any goroutine.
type futures struct {
	inbox    *inbox
	instance *instance
	failed   func(error)
	ctx      context.Context // ends with the instance
	cancel   context.CancelFunc
	underWay atomic.Int32
	working  *atomic.Int64 // underWay of all instances of the workflow, also of those that have gone
}

var _ Futures = (*futures)(nil)

func newFutures(b *inbox, i *instance, working *atomic.Int64, failed func(error)) *futures {
	ctx, cancel := context.WithCancel(context.Background())
	return &futures{inbox: b, instance: i, working: working, failed: failed, ctx: ctx, cancel: cancel}
}

func (f *futures) end() {
	f.cancel()
	f.inbox.forget(f.instance)
}

func (f *futures) Go(work func(context.Context) any) {
	if f.ctx.Err() != nil {
		return
	}
	f.underWay.Add(1)
	f.working.Add(1)
	go func() {
		var result any
		var err error
		defer func() { // also when work ends its goroutine
			f.underWay.Add(-1)
			f.working.Add(-1)
			if err != nil {
				f.failed(err)
			} else {
				f.Post(result)
			}
		}()
		result, err = f.run(work)
	}()
}

func (f *futures) run(work func(context.Context) any) (result any, err error) {
	defer recoverTo(&err)
	return work(f.ctx), nil
}

func (f *futures) Post(result any) {
	if result != nil {
		f.inbox.post(f.instance, result)
	}
}

func (f *futures) Deliver(batch []media.Notification) { f.inbox.deliver(f.instance, batch) }
