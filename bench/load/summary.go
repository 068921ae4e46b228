package main

import (
	"fmt"
	"runtime"

	"mmids/bench/measure"
	"mmids/bench/result"
)

// served is the share of the bit rate from which on a viewer counts as served.
const served = 0.99

// summarize makes the result of what the loop found. The loop has ended.
func summarize(l *loop, before, memory measure.Memory, c *result.Churn, churnFailure error) *result.Result {
	o := l.options
	seconds := l.to.at.Sub(l.from.at).Seconds()
	r := &result.Result{
		Mode: o.mode, Target: o.target.String(), Seconds: seconds,
		Publishers: o.publishers, Viewers: o.allViewers(), Verifying: len(l.verifiers),
		Machine: result.Machine{
			CPU: measure.CPUModel(), CPUs: runtime.NumCPU(), Kernel: measure.Kernel(), Congestion: measure.Congestion(),
		},
		Stream:  result.Stream{Bitrate: o.shape.Bitrate, FPS: o.shape.FPS, GOP: o.shape.GOP},
		Sent:    result.Sent{Messages: l.messages, Bytes: l.bytes, Late: result.SpreadOf(l.late)},
		Latency: result.SpreadOf(l.latencies),
		Windows: l.windows,
	}
	for _, w := range l.windows {
		if w.Disturbed {
			r.Disturbed++
		}
	}
	s := summary{Result: r}
	s.publishers(l.publishers)
	s.viewers(l)
	s.verifiers(l.verifiers)
	if o.mode == modeChurn {
		r.Churn = c
		if churnFailure != nil {
			s.problem("%d sessions failed: %v", c.Failed, churnFailure)
		}
	}
	s.costs(l, before, memory)
	r.Complete = len(r.Problems) == 0
	return r
}

// summary is a result in the making.
type summary struct {
	*result.Result
}

func (s summary) problem(format string, a ...any) {
	const most = 20
	if len(s.Problems) < most {
		s.Problems = append(s.Problems, fmt.Sprintf(format, a...))
	}
}

func (s summary) publishers(all []*publisher) {
	for _, p := range all {
		if p.problem != nil {
			s.problem("publisher %d: %v", p.stream.number, p.problem)
		}
	}
}

func (s summary) viewers(l *loop) {
	d := &s.Delivered
	d.Overhead, d.Least = overhead(l.verifiers), 1
	l.everyViewer(func(v *viewer) {
		d.Bytes += v.end - v.begin
		share := v.share(d.Overhead)
		d.Least = min(d.Least, share)
		if share >= served {
			d.Served++
		} else {
			d.Below++
		}
		if v.problem != nil {
			d.Closed++
			s.problem("a viewer of stream %d: %v", v.stream.number, v.problem)
		}
	})
	if d.Below > 0 {
		s.problem("%d viewers got less than %.0f %% of the bit rate", d.Below, 100*served)
	}
	d.Mbps = float64(d.Bytes) * 8 / 1e6 / s.Seconds
}

func (s summary) verifiers(all []*verifier) {
	for _, v := range all {
		s.Checked.Messages += v.checked.Messages
		s.Checked.Gaps += v.checked.Gaps
		s.Checked.Damaged += v.checked.Damaged
		s.Checked.Moved += v.checked.Moved
		if len(v.problems) == 0 {
			s.Checked.Exact++
		}
		for _, p := range v.problems {
			s.problem("a viewer of stream %d: %s", v.stream.number, p)
		}
	}
}

// costs adds what the server and this program used.
func (s summary) costs(l *loop, before, memory measure.Memory) {
	spent := (l.to.generator - l.from.generator).Seconds()
	s.Generator = result.Generator{CPUSeconds: spent, Cores: spent / s.Seconds}
	if len(l.options.pids) == 0 {
		return
	}
	cpu := (l.to.server - l.from.server).Seconds()
	server := &result.Server{CPUSeconds: cpu, Cores: cpu / s.Seconds, Before: before, Memory: memory}
	s.Server = server
	if gigabytes := float64(s.Delivered.Bytes) / 1e9; gigabytes > 0 {
		server.PerGB, server.BothPerGB = cpu/gigabytes, (cpu+spent)/gigabytes
	}
	if s.Publishers > 0 {
		server.PerStream = server.Cores / float64(s.Publishers)
	}
	if s.Viewers > 0 {
		server.PerViewer = float64(memory.PSS-before.PSS) / float64(s.Viewers)
	}
	if s.Churn != nil && s.Churn.Sessions > 0 {
		s.Churn.CPUPerSession = cpu / float64(s.Churn.Sessions) * 1e6
	}
}
