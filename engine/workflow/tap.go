package workflow

import (
	"context"
	"errors"

	"mmids/engine/media"
)

// ErrNoStream is what Tap answers when the workflow does not have the stream, or no longer.
var ErrNoStream = errors.New("the workflow has no such stream")

// tapsMax bounds the taps of a workflow: each costs its goroutine for every packet.
const tapsMax = 16

// ErrTooManyTaps is what Tap answers when as many as a workflow may have are open.
var ErrTooManyTaps = errors.New("too many listen to the streams of the workflow")

// Tap listens to one stream of a workflow, as the step put it out that it came from first. It is for whoever looks
// on: a tap that does not keep up loses media, to the next key frame, and delays nobody.
type Tap struct {
	runner *runner
	stream media.StreamID
	inbox  *inbox
}

// Tap opens a tap. What it hears first is the stream's beginning: its notice, metadata and sequence headers. It must be
// closed. The error is ErrNotFound, ErrNoStream or ErrTooManyTaps.
func (m *Manager) Tap(ctx context.Context, workflow string, stream media.StreamID) (*Tap, error) {
	m.mu.Lock()
	known := m.running[workflow]
	m.mu.Unlock()
	if known == nil {
		return nil, ErrNotFound
	}
	t := &Tap{runner: known.runner, stream: stream, inbox: newInbox(known.runner.log)}
	answer := make(chan error, 1)
	if !t.runner.inbox.control(func() { answer <- t.runner.open(t) }) {
		return nil, ErrNotFound
	}
	select {
	case err := <-answer:
		if err != nil {
			return nil, err
		}
		return t, nil
	case <-t.runner.done:
		return nil, ErrNotFound
	case <-ctx.Done():
		t.Close()
		return nil, ctx.Err()
	}
}

// Listen calls f with what has come until the stream ends, f returns an error, which it returns, the workflow ends or
// ctx does. f borrows the notifications.
func (t *Tap) Listen(ctx context.Context, f func(batch []media.Notification) error) error {
	for {
		select {
		case <-t.inbox.wake:
			if over, err := t.hear(f); over || err != nil {
				return err
			}
		case <-t.runner.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *Tap) hear(f func(batch []media.Notification) error) (over bool, err error) {
	q := t.inbox.take()
	defer t.inbox.giveBack(q)
	if err := f(q.media); err != nil {
		return false, err
	}
	return len(q.media) > 0 && q.media[len(q.media)-1].Event == media.Disconnected, nil
}

// Dropped is how many packets the tap has lost because it did not keep up. Any goroutine.
func (t *Tap) Dropped() uint64 { return t.inbox.dropped.Load() }

// Close ends the listening. Any goroutine, but not while Listen runs.
func (t *Tap) Close() {
	t.inbox.close() // from now on it releases what it is given
	t.runner.inbox.control(func() { t.runner.forget(t) })
}

// open is the runner's part of Manager.Tap.
func (r *runner) open(t *Tap) error {
	from, known := r.origins[t.stream]
	if !known {
		return ErrNoStream
	}
	if len(r.taps) == tapsMax {
		return ErrTooManyTaps
	}
	r.taps = append(r.taps, t)
	if s := r.source(from).streams[t.stream]; s != nil {
		t.tell(s.essentials.AppendTo([]media.Notification{s.notice}))
	}
	return nil
}

// forget takes a tap away that is not told anything any more.
func (r *runner) forget(t *Tap) {
	for i, other := range r.taps {
		if other == t {
			r.taps = append(r.taps[:i], r.taps[i+1:]...)
			return
		}
	}
}

// tellTaps tells those who listen what an instance, or nil for the outside, has put out. It comes before the end of a
// stream is noted.
func (r *runner) tellTaps(from *instance, batch []media.Notification) {
	for _, t := range r.taps {
		if origin, known := r.origins[t.stream]; !known || origin != from {
			continue
		}
		for k := range batch {
			if batch[k].Stream == t.stream {
				t.tell(batch[k : k+1])
			}
		}
	}
}

// endTaps tells those who listen that a stream has ended with the step that it came from.
func (r *runner) endTaps(stream media.StreamID) {
	for _, t := range r.taps {
		if t.stream == stream {
			t.tell([]media.Notification{{Event: media.Disconnected, Stream: stream}})
		}
	}
}

// tell gives a tap notifications, which it borrows.
func (t *Tap) tell(batch []media.Notification) {
	for k := range batch {
		batch[k].Retain()
	}
	t.inbox.deliver(nil, batch)
}
