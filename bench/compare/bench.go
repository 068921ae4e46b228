package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mmids/bench/measure"
	"mmids/bench/result"
)

// bench runs servers and the load generator.
type bench struct {
	*options
	ctx         context.Context
	report      *report
	dir         string // of programs, configurations and logs
	certificate string // PEM, with its key
}

// Where things run. On two CPUs, a server that has both shares the second with the generator.
const (
	serverCPU    = "0"
	generatorCPU = "1"
	bothCPUs     = "0,1"
)

// openFiles is how many a server may have open: more than the viewers of any case.
const openFiles = 16384

func newBench(ctx context.Context, o *options, r *report) (*bench, error) {
	if runtime.NumCPU() < 2 {
		return nil, fmt.Errorf("this needs two CPUs, one for a server and one for the load generator")
	}
	dir, err := os.MkdirTemp("", "bench-compare")
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, ctx: ctx, report: r, dir: dir, certificate: filepath.Join(dir, "certificate.pem")}
	steps := []func() error{
		func() error {
			if !o.needsNginx() {
				return nil
			}
			return installNginx(ctx)
		},
		func() error { return build(ctx, dir) },
		func() error { return writeCertificate(b.certificate) },
		func() error { return measure.AllowFiles(openFiles) }, // which servers inherit
	}
	if o.private {
		steps = append(steps, privateNetwork)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			b.close()
			return nil, err
		}
	}
	r.describe(o)
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// job is one run: a server, and what the generator does to it.
type job struct {
	by      *contestant
	cpus    string // of the server; serverCPU if empty
	viewers int    // in all, or another number that the case varies
	load    []string
}

// rounds does the jobs of a case in turn, as often as was asked for, so that all of them see the machine's moods.
func (b *bench) rounds(name string, jobs []job) error {
	for round := range b.options.rounds {
		for _, j := range jobs {
			if _, err := b.run(name, round, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// run does a job with a fresh server and adds what came out to the report.
func (b *bench) run(name string, round int, j job) (*measurement, error) {
	if j.cpus == "" {
		j.cpus = serverCPU
	}
	if b.ctx.Err() != nil {
		return nil, b.ctx.Err()
	}
	s, err := j.by.start(b, j.cpus)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.by.name, err)
	}
	r, err := b.load(s, j.load)
	s.stop()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.by.name, err)
	}
	m := &measurement{Case: name, Contestant: j.by.name, Viewers: j.viewers, Round: round, Time: time.Now(), Result: r}
	b.report.add(m)
	fmt.Printf("%-12s round %d  %-24s %6d  %s\n", name, round+1, j.by.name, j.viewers, brief(r))
	return m, nil
}

// generatorFull is how busy the generator may be, in CPUs. Beyond, it measures itself.
const generatorFull = 0.9

// brief is a result in a line.
func brief(r *result.Result) string {
	var parts []string
	if s := r.Server; s != nil && s.PerGB > 0 {
		parts = append(parts, fmt.Sprintf("%.3f CPU s/GB, %.2f cores", s.PerGB, s.Cores))
	} else if s != nil {
		parts = append(parts, fmt.Sprintf("%.2f cores, %.1f MB", s.Cores, float64(s.Memory.PSS)/1e6))
	}
	if r.Latency != nil {
		parts = append(parts, fmt.Sprintf("p50 %.1f, p99 %.1f ms", r.Latency.P50, r.Latency.P99))
	}
	if r.Churn != nil {
		parts = append(parts, fmt.Sprintf("%.0f µs per session", r.Churn.CPUPerSession))
	}
	if r.Viewers > 0 {
		parts = append(parts, fmt.Sprintf("%d below 99 %%", r.Delivered.Below))
	}
	if r.Generator.Cores > generatorFull {
		parts = append(parts, fmt.Sprintf("the generator is busy: %.2f cores", r.Generator.Cores))
	}
	if r.Disturbed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d s disturbed", r.Disturbed, len(r.Windows)))
	}
	return strings.Join(parts, "; ")
}

// errTooFull is what load returns when a server takes too long to let everybody in.
var errTooFull = errors.New("the server did not let all viewers in in time")

// load runs the load generator against a server. That not everything was delivered is a result, not an error.
func (b *bench) load(s *server, more []string) (*result.Result, error) {
	var pids []string
	for _, pid := range s.pids {
		pids = append(pids, strconv.Itoa(pid))
	}
	file := filepath.Join(b.dir, "result.json")
	_ = os.Remove(file) // of the last run, if there was one
	args := append([]string{
		"-cpu", generatorCPU, "-target", s.target, "-publish", s.publish, "-pid", strings.Join(pids, ","), "-json", file,
		"-seconds", strconv.Itoa(b.seconds), "-warmup", b.warmup.String(),
	}, more...)
	c := exec.CommandContext(b.ctx, filepath.Join(b.dir, "load"), args...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	out, runErr := c.CombinedOutput()
	text, err := os.ReadFile(file)
	if err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(runErr, &exit) && exit.ExitCode() == result.ExitTooFull {
			return nil, errTooFull
		}
		return nil, fmt.Errorf("load %s: %w\n%s", strings.Join(args, " "), runErr, out)
	}
	var r result.Result
	return &r, json.Unmarshal(text, &r)
}
