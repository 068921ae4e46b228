package ffmpeg

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

// errPanic is why a process ends whose supervision panicked.
var errPanic = errors.New("internal error while ffmpeg was supervised")

// Process is one ffmpeg that is kept running: the same id, log file and arguments over all its restarts. Its methods may be
// called from any goroutine.
type Process struct {
	endpoint *Endpoint
	id       string
	log      zerolog.Logger
	job      Job
	notify   func(Event)
	refusal  error // why it is not even tried

	finishOnce, stopOnce, killOnce sync.Once
	finish, stop, kill             chan struct{} // closed by Finish, Stop and killNow
	done                           chan struct{} // closed when it has ended for good

	mu struct {
		sync.Mutex
		progress Progress
		run      runState
	}
}

func newProcess(e *Endpoint, id string, log zerolog.Logger, job Job, notify func(Event)) *Process {
	return &Process{
		endpoint: e,
		id:       id,
		log:      log.With().Str("ffmpeg_id", id).Logger(),
		job:      job,
		notify:   notify,
		finish:   make(chan struct{}),
		stop:     make(chan struct{}),
		kill:     make(chan struct{}),
		done:     make(chan struct{}),
	}
}

// Finish says that ffmpeg's input ends, as a live feed that is over. It is not started again, and has
// Config.FinishTimeout to read what it has not read yet, before it is stopped as by Stop. It returns at once.
func (p *Process) Finish() { p.finishOnce.Do(func() { close(p.finish) }) }

// Stop makes ffmpeg end and not start again. It only asks and returns at once: ffmpeg is interrupted, so that a playlist
// gets its end mark and a pushed stream its orderly end, and killed if it has not ended after Config.InterruptTimeout.
// If ffmpeg is running, its Stopped is the last event. If it is not, there are no more, except for a start that is under
// way: that one is still reported.
//
// An interrupted ffmpeg first waits for the read that it is in. One that reads from a live feed should therefore have
// its feed closed as well, lest a feed on which nothing comes makes it be killed.
func (p *Process) Stop() { p.stopOnce.Do(func() { close(p.stop) }) }

// Done is closed when ffmpeg has ended for good and is reaped: after Stop, or after a FailedToStart without RestartIn.
func (p *Process) Done() <-chan struct{} { return p.done }

// Progress returns how far the present run has come: zero before its first figures. After a run its last figures stay
// until the next one begins.
func (p *Process) Progress() Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mu.progress
}

func (p *Process) setProgress(v Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.progress = v
}

// killNow ends ffmpeg at once and for good.
func (p *Process) killNow() {
	p.Stop()
	p.killOnce.Do(func() { close(p.kill) })
}

// ending reports whether it is not to be started again.
func (p *Process) ending() bool { return isClosed(p.finish) || isClosed(p.stop) }

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// supervise keeps ffmpeg running and gives back what the process holds.
func (p *Process) supervise() {
	defer close(p.done)
	if !panics.Contain(p.log, "BUG: the supervision of ffmpeg panicked", p.keepRunning) {
		p.report(FailedToStart{Err: errPanic})
	}
	p.noteGone()
	p.endpoint.forget(p)
	panics.Contain(p.log, "log files of ffmpegs could not be deleted", p.endpoint.pruneLogs) // its own are among those that may go now
}

// keepRunning runs ffmpeg again and again until the process is to end. The first run is also for an input that has ended
// before it began.
func (p *Process) keepRunning() {
	if p.refusal != nil {
		p.failed(p.refusal, 0)
		return
	}
	c := p.endpoint.config
	pause := backoff{min: c.RestartMin, max: c.RestartMax, reset: c.RestartReset}
	for first := true; first && !isClosed(p.stop) || !p.ending(); first = false {
		var restartIn time.Duration
		ended, err := p.run()
		if !p.ending() {
			restartIn = pause.next(ended.Ran)
		}
		if err != nil {
			p.failed(err, restartIn)
		} else {
			ended.RestartIn = restartIn
			p.stopped(ended)
		}
		if restartIn > 0 {
			p.wait(restartIn)
		}
	}
}

// wait returns after a pause, or when the process is to end.
func (p *Process) wait(pause time.Duration) {
	fired, cancel := p.endpoint.clock.after(pause)
	defer cancel()
	select {
	case <-fired:
	case <-p.finish:
	case <-p.stop:
	}
}

func (p *Process) started(pid int) {
	p.log.Info().Int("pid", pid).Strs("arguments", p.job.shownArgs()).Msg("ffmpeg started")
	p.noteStarted(pid)
	p.report(Started{PID: pid})
}

func (p *Process) stopped(e Stopped) {
	line := p.log.Info()
	if e.RestartIn > 0 {
		line = p.log.Warn().Stringer("restart_in", e.RestartIn)
	}
	line.Str("exit", e.Exit).Stringer("ran", e.Ran).Str("last_line", e.LastLine).Msg("ffmpeg stopped")
	p.noteEnded(e.Exit, e.LastLine)
	p.report(e)
}

func (p *Process) failed(err error, restartIn time.Duration) {
	line := p.log.Error().Err(err)
	if restartIn > 0 {
		line = line.Stringer("restart_in", restartIn)
	}
	line.Msg("ffmpeg could not be started")
	p.noteEnded(err.Error(), "")
	p.report(FailedToStart{Err: err, RestartIn: restartIn})
}

// report hands out an event. A user that panics must not take the server along.
func (p *Process) report(e Event) {
	panics.Contain(p.log, "ffmpeg event was not taken", func() { p.notify(e) })
}

// contained is a writer for ffmpeg's output whose panics end with a line in the log. It takes everything, since ffmpeg must
// not be held up, and what it panics at is lost.
type contained struct {
	io.Writer
	log zerolog.Logger
}

func (c contained) Write(b []byte) (int, error) {
	panics.Contain(c.log, "BUG: ffmpeg's output could not be read", func() { _, _ = c.Writer.Write(b) })
	return len(b), nil
}
