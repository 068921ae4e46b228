package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// TestManySignalsOfOneKind: the other one is not lost, and what many ask for is done once.
func TestManySignalsOfOneKind(t *testing.T) {
	signals := listenToOperator()
	defer signal.Stop(signals.apply)
	defer signal.Stop(signals.reopen)
	received := make(chan os.Signal, 1000) // hears of all that have reached the process
	signal.Notify(received, syscall.SIGHUP)
	defer signal.Stop(received)
	next := func(from <-chan os.Signal) {
		t.Helper()
		select {
		case <-from:
		case <-time.After(patience):
			t.Fatal("a signal is lost")
		}
	}
	for range 20 {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
		next(received) // the kernel would merge the next one with it
	}
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	next(signals.reopen)
	next(signals.apply)
	require.Empty(t, signals.apply)
}

// TestPanicWhileReloading: a step type whose check panics costs the reload, and what runs goes on.
func TestPanicWhileReloading(t *testing.T) {
	p := parts{executors: reactorExecutors, steps: func(n neighbours) (*workflow.Registry, error) {
		r, err := stepTypes(n)
		explode := misbehave()
		explode.Check = func(config.Step) []config.Mistake { panic("in Check") }
		return r, errors.Join(err, r.Add("explode", explode))
	}}
	text := fmt.Sprintf("settings {\n log_dir %q\n}\nworkflow first {\n}\n", t.TempDir())
	file := writeConfig(t, text)
	read, err := readConfig(p, file, io.Discard)
	require.NoError(t, err)
	var printed lockedBuffer
	log, output, err := openLog(read, &printed)
	require.NoError(t, err)
	running, err := start(p, read, log, output)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.stop(log)
		require.NoError(t, output.Close())
	})
	s := &service{parts: p, file: file, log: log, output: output, running: running}
	reload := func(more string) {
		require.NoError(t, os.WriteFile(file, []byte(text+more), 0o600))
		s.reload(t.Context(), "a test")
	}
	reload("workflow second {\n explode\n}\n")
	require.Contains(t, printed.String(), `"panic":"in Check"`)
	reload("workflow third {\n}\n")
	names, err := running.workflows.List(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"first", "third"}, names)
}
