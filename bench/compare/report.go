package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"mmids/bench/measure"
	"mmids/bench/result"
)

// report is everything that was measured.
type report struct {
	Info         info           `json:"info"`
	Measurements []*measurement `json:"measurements"`
}

// info says where and how.
type info struct {
	Date       time.Time         `json:"date"`
	CPU        string            `json:"cpu"`
	CPUs       int               `json:"cpus"`
	Kernel     string            `json:"kernel"`
	Congestion string            `json:"congestion"`
	Versions   map[string]string `json:"versions"`
	Command    string            `json:"command"`
	Rounds     int               `json:"rounds"`
	Seconds    int               `json:"seconds"`
}

// measurement is one run.
type measurement struct {
	Case       string         `json:"case"`
	Contestant string         `json:"contestant"`
	Viewers    int            `json:"viewers"` // or another number that the case varies
	Round      int            `json:"round"`
	Time       time.Time      `json:"time"`
	Carried    bool           `json:"carried,omitempty"` // in a search: so many viewers are not too many
	Result     *result.Result `json:"result"`
}

// The files of a report.
const (
	fileJSON    = "results.json"
	fileTable   = "README.md"
	filePicture = "results.svg"
)

// openReport returns an empty report, or the one that is there, without the cases that are measured again.
func openReport(o *options) (*report, error) {
	r := &report{}
	if !o.keep {
		return r, nil
	}
	text, err := os.ReadFile(filepath.Join(o.out, fileJSON))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	r.Measurements = slices.DeleteFunc(r.Measurements, func(m *measurement) bool { return slices.Contains(o.cases, m.Case) })
	return r, err
}

// describe notes where it is measured. In a private network, the congestion control is that network's.
func (r *report) describe(o *options) {
	r.Info = info{
		Date: time.Now().UTC(), CPU: measure.CPUModel(), CPUs: runtime.NumCPU(), Kernel: measure.Kernel(),
		Congestion: measure.Congestion(), Versions: versions(),
		Command: strings.TrimSpace("go run ./bench/compare " + strings.Join(os.Args[1:], " ")),
		Rounds:  o.rounds, Seconds: o.seconds,
	}
}

func (r *report) add(m *measurement) { r.Measurements = append(r.Measurements, m) }

// write writes the three files, unless dir is empty.
func (r *report) write(dir string) error {
	if dir == "" {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, content := range map[string]string{fileJSON: string(text) + "\n", fileTable: r.markdown(), filePicture: r.picture()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

// contestants are those of a case, in the order in which they were first measured.
func (r *report) contestants(name string) (list []string) {
	for _, m := range r.Measurements {
		if m.Case == name && !slices.Contains(list, m.Contestant) {
			list = append(list, m.Contestant)
		}
	}
	return list
}

// viewers are the numbers that a case was measured with, smallest first.
func (r *report) viewers(name string) (list []int) {
	for _, m := range r.Measurements {
		if m.Case == name && !slices.Contains(list, m.Viewers) {
			list = append(list, m.Viewers)
		}
	}
	slices.Sort(list)
	return list
}

// runs are the runs of a contestant in a case. Those in which something else kept the machine busy for more than a third of
// the time are left out, as long as there are others.
func (r *report) runs(name, contestant string, viewers int) []*result.Result {
	var all, quiet []*result.Result
	for _, m := range r.Measurements {
		if m.Case != name || m.Contestant != contestant || m.Viewers != viewers {
			continue
		}
		all = append(all, m.Result)
		if 3*m.Result.Disturbed <= len(m.Result.Windows) {
			quiet = append(quiet, m.Result)
		}
	}
	if len(quiet) > 0 {
		return quiet
	}
	return all
}

// value picks a number from a result; ok is false if there is none.
type value func(r *result.Result) (v float64, ok bool)

// median is the median of some runs.
func median(runs []*result.Result, of value) (v float64, ok bool) {
	var list []float64
	for _, r := range runs {
		if v, ok := of(r); ok {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.Sort(list)
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2, true
}

func (r *report) median(name, contestant string, viewers int, of value) (float64, bool) {
	return median(r.runs(name, contestant, viewers), of)
}

// most is the greatest number of viewers that a contestant carried in a search, and a run with them.
func (r *report) most(name, contestant string) (viewers int, run *result.Result) {
	for _, m := range r.Measurements {
		if m.Case == name && m.Contestant == contestant && m.Viewers > viewers && m.Carried {
			viewers, run = m.Viewers, m.Result
		}
	}
	return viewers, run
}

// What is picked from results.

func costPerGB(r *result.Result) (float64, bool) {
	return serverValue(r, func(s *result.Server) float64 { return s.PerGB })
}
func bothPerGB(r *result.Result) (float64, bool) {
	return serverValue(r, func(s *result.Server) float64 { return s.BothPerGB })
}
func cores(r *result.Result) (float64, bool) {
	return serverValue(r, func(s *result.Server) float64 { return s.Cores })
}
func perStream(r *result.Result) (float64, bool) { // ms of CPU per second
	return serverValue(r, func(s *result.Server) float64 { return s.PerStream * 1000 })
}
func memoryPerViewer(r *result.Result) (float64, bool) { // KB
	return serverValue(r, func(s *result.Server) float64 { return s.PerViewer / 1000 })
}
func memory(r *result.Result) (float64, bool) { // MB
	return serverValue(r, func(s *result.Server) float64 { return float64(s.Memory.PSS) / 1e6 })
}

// serverValue is there if the server was measured.
func serverValue(r *result.Result, of func(s *result.Server) float64) (float64, bool) {
	if r.Server == nil {
		return 0, false
	}
	v := of(r.Server)
	return v, v != 0
}

func latency50(r *result.Result) (float64, bool) {
	return latency(r, func(s *result.Spread) float64 { return s.P50 })
}
func latency99(r *result.Result) (float64, bool) {
	return latency(r, func(s *result.Spread) float64 { return s.P99 })
}

func latency(r *result.Result, of func(s *result.Spread) float64) (float64, bool) {
	if r.Latency == nil {
		return 0, false
	}
	return of(r.Latency), true
}

func perSession(r *result.Result) (float64, bool) { // µs of CPU
	if r.Churn == nil {
		return 0, false
	}
	return r.Churn.CPUPerSession, true
}

func startTime50(r *result.Result) (float64, bool) { // ms
	if r.Churn == nil || r.Churn.StartMS == nil {
		return 0, false
	}
	return r.Churn.StartMS.P50, true
}
