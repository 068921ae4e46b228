package measure

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestCPU burns CPU time until the clock of this thread says so; the process's clock must have seen it.
func TestCPU(t *testing.T) {
	before, err := CPU(os.Getpid())
	require.NoError(t, err)
	const work = 20 * time.Millisecond
	burn(t, work)
	after, err := CPU(os.Getpid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, after-before, work)
	twice, err := CPU(os.Getpid(), os.Getpid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, twice, 2*after)
	_, err = CPU(1 << 23) // beyond the largest process id
	require.Error(t, err)
}

func burn(t *testing.T, work time.Duration) {
	t.Helper()
	now := func() time.Duration {
		var ts unix.Timespec
		require.NoError(t, unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts))
		return time.Duration(ts.Nano())
	}
	for end := now() + work; now() < end; {
	}
}

func TestMemory(t *testing.T) {
	m, err := MemoryOf(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, m.Anonymous, int64(1<<20))
	require.GreaterOrEqual(t, m.RSS, m.Anonymous)
	rss, err := RSS(os.Getpid())
	require.NoError(t, err)
	require.InEpsilon(t, m.RSS, rss, 0.5)
	_, err = RSS(-1)
	require.Error(t, err)
	var sum Memory
	require.NoError(t, sum.add([]byte("5581-ff [rollup]\nRss:      3 kB\nPss:   2 kB\nPss_Anon: 9 kB\nAnonymous:   1 kB\n")))
	require.NoError(t, sum.add([]byte("Rss: 3 kB\n")))
	require.Equal(t, Memory{RSS: 6 << 10, PSS: 2 << 10, Anonymous: 1 << 10}, sum)
	require.Error(t, sum.add([]byte("Rss: many kB\n")))
	_, err = MemoryOf(-1)
	require.Error(t, err)
}

func TestMachine(t *testing.T) {
	m, err := parseStat("cpu  1 2 4 1000 1000 8 16 32 64 128")
	require.NoError(t, err)
	require.Equal(t, Machine{Busy: 310 * time.Millisecond, Steal: 320 * time.Millisecond}, m)
	for _, wrong := range []string{"", "cpu 1 2", "cpu 1 2 3 4 5 6 7 x", "intr 1 2 3 4 5 6 7 8"} {
		_, err := parseStat(wrong)
		require.Error(t, err, wrong)
	}
	_, err = ReadMachine()
	require.NoError(t, err)
	require.NotEqual(t, "unknown", Kernel())
	require.NotEqual(t, "unknown", Congestion())
}

func TestPin(t *testing.T) {
	var before unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(0, &before))
	first := 0
	for !before.IsSet(first) {
		first++
	}
	var all []int
	for cpu := range 1024 {
		if before.IsSet(cpu) {
			all = append(all, cpu)
		}
	}
	require.NoError(t, Pin(first))
	var now unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(os.Getpid(), &now))
	require.Equal(t, 1, now.Count())
	require.True(t, now.IsSet(first))
	require.NoError(t, Pin(all...))
	require.Error(t, Pin(1023))
	require.NoError(t, AllowFiles(1))
}
