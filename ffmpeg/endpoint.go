package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rs/zerolog"
)

// Errors that a start can fail with, beside [ErrNotFound] and [ErrJob].
var (
	// ErrIDInUse says that another process has the id. It is tried again like any other failure, so a process may be
	// started with the id of one that is just being stopped.
	ErrIDInUse = errors.New("another ffmpeg has this id")

	// ErrClosed says that the endpoint was closed.
	ErrClosed = errors.New("the ffmpeg endpoint was closed")
)

// Endpoint owns all ffmpeg processes of a server. Its methods may be called from any goroutine.
type Endpoint struct {
	config  Config
	clock   clock
	starter *starter
	pruning sync.Mutex // one at a time deletes log files

	mu struct {
		sync.Mutex
		closed    bool
		processes map[*Process]struct{}
		ids       map[string]*Process // who has an id, and so its log file
		starts    uint64
		restarts  uint64
	}
}

// New returns an endpoint, to be ended by Close. It does not need ffmpeg yet; see [Endpoint.Available].
func New(c Config) *Endpoint {
	e := &Endpoint{config: c.withDefaults(), clock: realClock, starter: newStarter()}
	e.mu.processes = make(map[*Process]struct{})
	e.mu.ids = make(map[string]*Process)
	return e
}

// Available returns an error that wraps [ErrNotFound] if there is no ffmpeg at the moment. It says what to do.
func (e *Endpoint) Available() error {
	_, err := findExecutable(e.config.Path)
	return err
}

// Start starts an ffmpeg for a job and keeps it running until it is stopped. It does not wait for anything.
//
// The id names the log file. Log is for lines about this process and should carry what it belongs to, such as stream_id;
// ffmpeg_id is added. Notify is called with each event, in order and never twice at a time, on goroutines of the
// process, which it must not hold up; Progress comes about twice a second.
func (e *Endpoint) Start(id string, log zerolog.Logger, job Job, notify func(Event)) *Process {
	p := newProcess(e, id, log, job, notify)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.mu.closed {
		p.Stop()
		p.refusal = ErrClosed
	} else {
		p.refusal = job.Validate()
		e.mu.processes[p] = struct{}{}
	}
	go p.supervise()
	return p
}

// claim gives a process its id.
func (e *Endpoint) claim(p *Process) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if owner := e.mu.ids[p.id]; owner != nil && owner != p {
		return fmt.Errorf("%w: %q", ErrIDInUse, p.id)
	}
	e.mu.ids[p.id] = p
	return nil
}

// forget is called when a process has ended for good.
func (e *Endpoint) forget(p *Process) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.mu.processes, p)
	if e.mu.ids[p.id] == p {
		delete(e.mu.ids, p.id)
	}
}

// Close stops all processes and waits until they have ended. Those that still run when ctx ends are killed, which is an
// error. Further starts fail. Closing twice does nothing.
func (e *Endpoint) Close(ctx context.Context) error {
	e.mu.Lock()
	if e.mu.closed {
		e.mu.Unlock()
		return nil
	}
	e.mu.closed = true
	var left []*Process
	for p := range e.mu.processes {
		left = append(left, p)
	}
	e.mu.Unlock()

	defer e.starter.close()
	for _, p := range left {
		p.Stop()
	}
	if left = waitAll(ctx, left); len(left) == 0 {
		return nil
	}
	killed := len(left)
	for _, p := range left {
		p.killNow()
	}
	reaping, cancel := context.WithTimeout(context.Background(), reapGrace)
	defer cancel()
	if left = waitAll(reaping, left); len(left) > 0 {
		e.config.Log.Error().Int("processes", len(left)).Msg("ffmpeg processes do not end even though they were killed")
	}
	return fmt.Errorf("ffmpeg: processes that did not end in time and were killed: %d: %w", killed, ctx.Err())
}

// waitAll returns the processes that have not ended when ctx ends.
func waitAll(ctx context.Context, processes []*Process) (left []*Process) {
	for _, p := range processes {
		select {
		case <-p.Done():
			continue
		default:
		}
		select {
		case <-p.Done():
		case <-ctx.Done():
			left = append(left, p)
		}
	}
	return left
}
