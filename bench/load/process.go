package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// usage is what a process cost during a measurement.
type usage struct {
	CPUSeconds float64 `json:"cpu_seconds"`
	// Resident memory in bytes. The beginning is left out, when buffers get their size.
	MemoryMin   int64 `json:"memory_min"`
	MemoryMax   int64 `json:"memory_max"`
	MemoryFirst int64 `json:"memory_first"` // mean of the first quarter of what is counted
	MemoryLast  int64 `json:"memory_last"`  // and of the last
}

// meter looks at a process once a second.
type meter struct {
	pid      int
	began    float64 // CPU seconds
	samples  []int64
	resident atomic.Int64
	end      chan struct{}
	done     chan struct{}
}

// startMeter returns nil for pid 0, which measures nothing.
func startMeter(pid int) (*meter, error) {
	if pid == 0 {
		return nil, nil
	}
	began, err := cpuSeconds(pid)
	if err != nil {
		return nil, err
	}
	m := &meter{pid: pid, began: began, end: make(chan struct{}), done: make(chan struct{})}
	go m.watch()
	return m, nil
}

func (m *meter) watch() {
	defer close(m.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if bytes, err := residentBytes(m.pid); err == nil {
			m.samples = append(m.samples, bytes)
			m.resident.Store(bytes)
		}
		select {
		case <-tick.C:
		case <-m.end:
			return
		}
	}
}

// stop returns what was measured, or nil.
func (m *meter) stop() *usage {
	if m == nil {
		return nil
	}
	close(m.end)
	<-m.done
	ended, err := cpuSeconds(m.pid)
	if err != nil || len(m.samples) == 0 {
		return nil // the process is gone, which shows in what was delivered
	}
	u := memoryOf(m.samples)
	u.CPUSeconds = ended - m.began
	return u
}

func memoryOf(samples []int64) *usage {
	samples = samples[len(samples)/5:]
	u := &usage{MemoryMin: samples[0], MemoryMax: samples[0]}
	for _, s := range samples {
		u.MemoryMin, u.MemoryMax = min(u.MemoryMin, s), max(u.MemoryMax, s)
	}
	quarter := max(len(samples)/4, 1)
	u.MemoryFirst, u.MemoryLast = mean(samples[:quarter]), mean(samples[len(samples)-quarter:])
	return u
}

func mean(list []int64) (m int64) {
	for _, v := range list {
		m += v
	}
	return m / int64(len(list))
}

// clockTicks is the unit of CPU times in /proc, the same on every Linux (getconf CLK_TCK).
const clockTicks = 100

// cpuSeconds is the CPU time of a process so far, user and system.
func cpuSeconds(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in parentheses and may hold anything (man 5 proc).
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	user, err := strconv.ParseFloat(fields[utime], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(fields[stime], 64)
	return (user + system) / clockTicks, err
}

// residentBytes is the memory that a process has in use.
func residentBytes(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm has %d fields", pid, len(fields))
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
