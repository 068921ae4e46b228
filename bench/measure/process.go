package measure

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the CPU time of some processes so far, user and system, threads that have ended included. It comes from the
// scheduler's own clock in ns, not from the 10 ms ticks of /proc/PID/stat.
func CPU(pids ...int) (time.Duration, error) {
	var sum time.Duration
	for _, pid := range pids {
		var t unix.Timespec
		if err := unix.ClockGettime(cpuClock(pid), &t); err != nil {
			return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
		}
		sum += time.Duration(t.Nano())
	}
	return sum, nil
}

// cpuClock is the clock that counts a process's CPU time, as clock_getcpuclockid(3) makes its number.
func cpuClock(pid int) int32 {
	const scheduler = 2 // the precise one of a process's three
	return int32(^pid<<3 | scheduler)
}

// Memory of processes in bytes, without what the kernel holds for their sockets.
type Memory struct {
	RSS       int64 `json:"rss"`
	PSS       int64 `json:"pss"`       // pages shared with other processes counted by share
	Anonymous int64 `json:"anonymous"` // heaps and stacks: no program text, no mapped files
}

// RSS is the resident memory of some processes in bytes. It costs less to find out than all of Memory.
func RSS(pids ...int) (int64, error) {
	var sum int64
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			return 0, err
		}
		var size, resident int64 // pages
		if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
			return 0, fmt.Errorf("memory of process %d: %w", pid, err)
		}
		sum += resident * int64(os.Getpagesize())
	}
	return sum, nil
}

// MemoryOf adds up the memory of some processes.
func MemoryOf(pids ...int) (Memory, error) {
	var m Memory
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return m, err
		}
		if err := m.add(text); err != nil {
			return m, fmt.Errorf("memory of process %d: %w", pid, err)
		}
	}
	return m, nil
}

// add takes in the lines of a smaps_rollup (man 5 proc), such as "Rss:   1234 kB".
func (m *Memory) add(rollup []byte) error {
	for lines := bufio.NewScanner(bytes.NewReader(rollup)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		var field *int64
		switch name {
		case "Rss":
			field = &m.RSS
		case "Pss":
			field = &m.PSS
		case "Anonymous":
			field = &m.Anonymous
		default:
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return err
		}
		*field += kilobytes << 10
	}
	return nil
}
