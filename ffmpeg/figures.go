package ffmpeg

import (
	"cmp"
	"slices"
	"time"

	"mmids/engine/figures"
)

// The events that an endpoint posts.
const (
	newsStarted = "ffmpeg_started" // figures.FFmpeg
	newsEnded   = "ffmpeg_ended"   // figures.FFmpeg, with the error if it is not on purpose
)

// runState is how the present run of a process stands, guarded by Process.mu.
type runState struct {
	starts uint64
	pid    int // 0 while it is not running
	began  time.Time
	err    string // why it is not running
}

func (p *Process) noteStarted(pid int) {
	p.mu.Lock()
	r := &p.mu.run
	r.starts++
	r.pid, r.began, r.err = pid, p.endpoint.clock.now(), ""
	again := r.starts > 1
	p.mu.Unlock()
	p.endpoint.countStart(again)
	p.endpoint.config.News.Post(newsStarted, p.figures())
}

// noteEnded notes the end of a run, or that there was none.
func (p *Process) noteEnded(how, lastLine string) {
	if lastLine != "" {
		how += ": " + lastLine
	}
	p.mu.Lock()
	p.mu.run.pid = 0
	if !p.ending() {
		p.mu.run.err = how
	}
	p.mu.Unlock()
}

// noteGone tells that the process has ended for good.
func (p *Process) noteGone() { p.endpoint.config.News.Post(newsEnded, p.figures()) }

func (e *Endpoint) countStart(again bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mu.starts++
	if again {
		e.mu.restarts++
	}
}

func (p *Process) figures() figures.FFmpeg {
	p.mu.Lock()
	r, progress := p.mu.run, p.mu.progress
	p.mu.Unlock()
	f := figures.FFmpeg{
		ID: p.id, Workflow: p.job.For.Workflow, StepID: p.job.For.StepID, StreamID: p.job.For.StreamID,
		State: "starting", Frames: progress.Frame, FramesPerSecond: progress.FPS, Speed: progress.Speed,
		OutTimeSeconds: progress.OutTime.Seconds(), BitsPerSecond: progress.Kbps * 1000, DroppedFrames: progress.DroppedFrames,
		Error: r.err,
	}
	if r.starts > 1 {
		f.Restarts = r.starts - 1
	}
	switch {
	case r.pid != 0:
		f.State, f.PID, f.Seconds = "running", r.pid, p.endpoint.clock.now().Sub(r.began).Seconds()
	case isClosed(p.stop) || isClosed(p.finish):
		f.State = "ended"
	case r.err != "":
		f.State = "waiting"
	}
	return f
}

// Figures returns all processes, in the order of their workflows and streams.
func (e *Endpoint) Figures() []figures.FFmpeg {
	e.mu.Lock()
	processes := make([]*Process, 0, len(e.mu.processes))
	for p := range e.mu.processes {
		processes = append(processes, p)
	}
	e.mu.Unlock()
	all := make([]figures.FFmpeg, len(processes))
	for i, p := range processes {
		all[i] = p.figures()
	}
	slices.SortFunc(all, func(a, b figures.FFmpeg) int {
		return cmp.Or(cmp.Compare(a.Workflow, b.Workflow), cmp.Compare(a.StepID, b.StepID), cmp.Compare(a.StreamID, b.StreamID), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Starts returns how often ffmpeg was started, and how often of these again by itself.
func (e *Endpoint) Starts() (all, again uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mu.starts, e.mu.restarts
}
