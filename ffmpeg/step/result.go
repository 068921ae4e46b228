package step

import (
	"slices"
	"sync"

	"mmids/engine/media"
	"mmids/engine/workflow"
)

// result passes what a transcoding ffmpeg publishes to the workflow. The workflow sees one stream: that ffmpeg's
// connection came or went is left out, and times go on where they stopped when ffmpeg was started again, since each run
// counts from zero.
type result struct {
	futures workflow.Futures
	comes   func() // called on a loop before the first media of each run

	mu      sync.Mutex    // one connection after the other delivers, but not on the same loop
	open    bool          // ffmpeg is connected
	idle    chan struct{} // to be closed when it is not; nil while nobody waits for that
	begun   bool          // there was a run before
	fresh   bool          // the next packet is the first of a run
	last    int64         // newest time passed on
	forward int64         // added to the times of this run
}

// runGap is put between the last packet of a run and the first of the next.
const runGap = 20

// Deliver implements server.Registrant.
func (r *result) Deliver(batch []media.Notification) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(batch, isConnection) {
		for i := range batch {
			r.noteConnection(batch[i].Event)
		}
		batch = slices.DeleteFunc(slices.Clone(batch), isConnection)
		defer r.noteIdle() // behind the last media
	}
	for i := range batch {
		if batch[i].Event == media.Coded {
			batch[i].Packet.Time = r.goOn(batch[i].Packet.Time)
		}
	}
	if len(batch) > 0 {
		r.futures.Deliver(batch)
	}
}

func (r *result) noteConnection(e media.Event) {
	switch e {
	case media.NewStream:
		r.open, r.fresh = true, true
		r.comes()
	case media.Disconnected:
		r.open = false
	}
}

func (r *result) noteIdle() {
	if r.idle != nil && !r.open {
		close(r.idle)
		r.idle = nil
	}
}

// drained returns a channel that is closed when no ffmpeg is connected and all that the last one published has been
// passed on. It is called once, when the last one has gone: its connection may still be read from.
func (r *result) drained() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	idle := make(chan struct{})
	r.idle = idle
	r.noteIdle()
	return idle
}

func isConnection(n media.Notification) bool {
	return n.Event == media.NewStream || n.Event == media.Disconnected
}

// goOn maps a time of the present run to the stream's.
func (r *result) goOn(time int64) int64 {
	if r.fresh {
		r.fresh = false
		r.forward = 0
		if r.begun && time <= r.last {
			r.forward = r.last + runGap - time
		}
		r.begun = true
	}
	time += r.forward
	r.last = max(r.last, time)
	return time
}

// Lost implements server.Registrant.
func (r *result) Lost(err error) { r.futures.Post(lost{err}) }
