package main

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
