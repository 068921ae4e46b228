package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/bench/result"
)

// TestLoadGenerator runs the load generator against the server for a moment: it must find everything delivered, and its
// result must be readable. Whether it came in time is up to the machine.
func TestLoadGenerator(t *testing.T) {
	t.Parallel()
	load, file := must(t, loadGenerator), filepath.Join(t.TempDir(), "result.json")
	s := startServer(t, "", simple)
	run := func(args ...string) (r result.Result) {
		t.Helper()
		args = append(args, "-target", s.url("live"), "-warmup", "0s", "-pid", fmt.Sprint(s.cmd.Process.Pid), "-json", file)
		startProcess(t, load, args...).wait(patience)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &r))
		require.NoError(t, os.Remove(file))
		require.Equal(t, result.Checked{Messages: r.Checked.Messages, Exact: r.Verifying}, r.Checked, "no gap, no damage")
		require.Zero(t, r.Delivered.Closed)
		return r
	}
	r := run("-publishers", "3", "-viewers", "20", "-verify", "6", "-seconds", "2", "-gop", "15")
	require.Equal(t, []int{3, 60, 6}, []int{r.Publishers, r.Viewers, r.Verifying})
	require.Greater(t, r.Delivered.Bytes, 10*r.Sent.Bytes)
	require.Positive(t, r.Sent.Messages)
	require.Positive(t, r.Checked.Messages)
	require.Positive(t, r.Latency.P50)
	require.Positive(t, r.Server.CPUSeconds)
	require.Positive(t, r.Server.Memory.Anonymous)
	require.Len(t, r.Windows, 2)

	r = run("-mode", "churn", "-rate", "50", "-seconds", "1")
	require.Positive(t, r.Churn.Sessions)
	require.Zero(t, r.Churn.Failed)
	require.Positive(t, r.Churn.CPUPerSession)
	r = run("-mode", "idle", "-viewers", "50", "-seconds", "1")
	require.Equal(t, 50, r.Viewers)
	require.Zero(t, r.Delivered.Bytes)

	wrong := startProcess(t, load, "-target", s.url("nowhere"), "-seconds", "4")
	require.Equal(t, 1, wrong.wait(patience))
	require.Contains(t, wrong.output.String(), "NetConnection.Connect.Rejected")
}
