package measure

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Machine is what all CPUs together have done so far.
type Machine struct {
	Busy  time.Duration // everything but idling and waiting
	Steal time.Duration // what the hypervisor gave to others
}

// ReadMachine reads /proc/stat, which counts in ticks of 10 ms.
func ReadMachine() (Machine, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return Machine{}, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return parseStat(first)
}

// tick is the unit of /proc/stat, the same on every Linux (getconf CLK_TCK).
const tick = 10 * time.Millisecond

// parseStat reads the line of all CPUs: user nice system idle iowait irq softirq steal, then guests, which are in user.
func parseStat(line string) (m Machine, err error) {
	fields := strings.Fields(line)
	const idle, iowait, steal = 4, 5, 8
	if len(fields) <= steal || fields[0] != "cpu" {
		return m, fmt.Errorf("/proc/stat begins with %q", line)
	}
	for i := 1; i <= steal; i++ {
		ticks, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return m, fmt.Errorf("/proc/stat: %w", err)
		}
		switch i {
		case idle, iowait:
		case steal:
			m.Steal = time.Duration(ticks) * tick
		default:
			m.Busy += time.Duration(ticks) * tick
		}
	}
	return m, nil
}

// Kernel is the release of the running kernel.
func Kernel() string { return readLine("/proc/sys/kernel/osrelease") }

// Congestion is the congestion control that sockets have unless a program asks for another.
func Congestion() string { return readLine("/proc/sys/net/ipv4/tcp_congestion_control") }

func readLine(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

// CPUModel is the name of the processor.
func CPUModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
