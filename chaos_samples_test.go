package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/bench/measure"
)

func cpus() int { return runtime.NumCPU() }

// samples writes what the server holds to a file, line by line, while it is attacked. bench/plot draws it.
type samples struct {
	file   *os.File
	csv    *csv.Writer
	family atomic.Pointer[string]
	done   chan struct{}
}

const sampleEvery = time.Second

var sampleColumns = []string{
	"seconds", "family", "rss_mb", "heap_mb", "goroutines", "descriptors", "connections", "children", "payloads", "busy_percent",
}

func startSamples(ctx context.Context, t testing.TB, s *chaosServer, path string) *samples {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	w := &samples{file: file, csv: csv.NewWriter(file), done: make(chan struct{})}
	w.during("")
	require.NoError(t, w.csv.Write(sampleColumns))
	go w.run(ctx, s)
	return w
}

// during names the family that attacks from now on.
func (w *samples) during(family string) { w.family.Store(&family) }

func (w *samples) run(ctx context.Context, s *chaosServer) {
	defer close(w.done)
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	began := time.Now()
	last, _ := measure.ReadMachine()
	at := began
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			h, err := s.held(false)
			rss, rssErr := measure.RSS(s.cmd.Process.Pid)
			m, machineErr := measure.ReadMachine()
			if err != nil || rssErr != nil || machineErr != nil {
				continue // without descriptors the door is closed
			}
			busy := (m.Busy - last.Busy).Seconds() / now.Sub(at).Seconds() / float64(cpus())
			last, at = m, now
			_ = w.csv.Write([]string{
				fmt.Sprintf("%.0f", now.Sub(began).Seconds()), *w.family.Load(), fmt.Sprintf("%.1f", float64(rss)/1e6),
				fmt.Sprintf("%.1f", float64(h.Heap)/1e6), fmt.Sprint(h.Goroutines), fmt.Sprint(h.Descriptors),
				fmt.Sprint(h.Connections), fmt.Sprint(h.Children), fmt.Sprint(h.Payloads), fmt.Sprintf("%.0f", 100*busy),
			})
			w.csv.Flush()
		}
	}
}

// close waits for the last line. The context must have ended.
func (w *samples) close(t testing.TB) {
	t.Helper()
	<-w.done
	require.NoError(t, w.csv.Error())
	require.NoError(t, w.file.Close())
}
