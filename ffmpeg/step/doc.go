// Package step holds the workflow steps that run ffmpeg: ffmpeg_push, ffmpeg_hls, ffmpeg_transcode and ffmpeg_pull.
//
// ffmpeg reaches the server by RTMP, on a port of its own that only this machine can reach and under app names that
// cannot be guessed. A stream that goes to ffmpeg is a feed that one viewer watches; what comes back from it is a
// publisher. Processes are kept running by package ffmpeg, also when ffmpeg cannot be found for the time being.
package step

import (
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	"mmids/rtmp/server"
)

// RTMP is what the steps need of the RTMP server.
type RTMP interface {
	ListenPublishers(server.Request, server.Registrant) (*server.Registration, error)
	ListenWatchers(server.Request, server.Registrant) (*server.Registration, error)
}

// Processes is what the steps need of the ffmpeg endpoint.
type Processes interface {
	Start(id string, log zerolog.Logger, job ffmpeg.Job, notify func(ffmpeg.Event)) *ffmpeg.Process
}

// lost is the result that says that a registration has ended.
type lost struct{ err error }

// statusOf returns Failed if a registration was lost.
func statusOf(results []any) workflow.Status {
	for _, r := range results {
		if l, ok := r.(lost); ok {
			return workflow.Fail(l.err)
		}
	}
	return workflow.Status{State: workflow.Active}
}

// internal is a request for ffmpeg's own port.
func internal(app string, key string, env workflow.Env, log zerolog.Logger) server.Request {
	return server.Request{Internal: true, App: app, Key: key, Owner: env.Owner, Log: log}
}

// appName returns the app of one use of one step. Its number keeps two workflows with the same step apart, and
// strangers out.
func appName(prefix string, env workflow.Env) string {
	return prefix + "-" + env.StepID.String() + "-" + uuid.NewString()
}

// process is an ffmpeg and what it does, for the workflow's details.
type process struct {
	*ffmpeg.Process
	id      string
	stream  media.StreamID
	trouble *atomic.Pointer[string] // why it does not run; nil while it does
}

func startProcess(p Processes, env workflow.Env, stream media.StreamID, log zerolog.Logger, job ffmpeg.Job) process {
	job.For = ffmpeg.Purpose{Workflow: env.Workflow, StepID: env.StepID.String(), StreamID: string(stream)}
	started := process{id: uuid.NewString(), stream: stream, trouble: new(atomic.Pointer[string])}
	started.Process = p.Start(started.id, log, job, started.note)
	return started
}

// note takes an event, on a goroutine of the process.
func (p process) note(e ffmpeg.Event) {
	switch e := e.(type) {
	case ffmpeg.FailedToStart:
		text := e.Err.Error()
		p.trouble.Store(&text)
	case ffmpeg.Stopped:
		text := e.Exit
		if e.LastLine != "" {
			text += ": " + e.LastLine
		}
		p.trouble.Store(&text)
	case ffmpeg.Progress:
		p.trouble.Store(nil)
	}
}

// report is what the details of a workflow say of a process.
type report struct {
	StreamID string  `json:"stream_id,omitempty"`
	FFmpegID string  `json:"ffmpeg_id"`
	Frame    uint64  `json:"frame"`
	FPS      float64 `json:"fps"`
	Kbps     float64 `json:"kbps"`
	Seconds  float64 `json:"seconds"`
	Speed    float64 `json:"speed"`
	Error    string  `json:"error,omitempty"` // why it does not run at the moment
}

func (p process) report() report {
	now := p.Progress()
	r := report{
		StreamID: string(p.stream), FFmpegID: p.id,
		Frame: now.Frame, FPS: now.FPS, Kbps: now.Kbps, Seconds: now.OutTime.Seconds(), Speed: now.Speed,
	}
	if trouble := p.trouble.Load(); trouble != nil {
		r.Error = *trouble
	}
	return r
}
