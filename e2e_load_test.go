package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/bench/result"
)

// TestLoadGenerator runs the load generator against the server for a moment: it must find everything delivered, and its
// result must be readable.
func TestLoadGenerator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	load, file := filepath.Join(dir, "load"), filepath.Join(dir, "result.json")
	out, err := exec.Command("go", "build", "-o", load, "./bench/load").CombinedOutput()
	require.NoError(t, err, string(out))
	s := startServer(t, "", simple)
	p := startProcess(t, load, "-target", s.url("live"), "-publishers", "3", "-viewers", "20", "-verify", "6",
		"-warmup", "0s", "-seconds", "2", "-gop", "15", "-pid", fmt.Sprint(s.cmd.Process.Pid), "-json", file)
	p.succeeds(patience)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var r result.Result
	require.NoError(t, json.Unmarshal(text, &r))
	require.True(t, r.Complete)
	require.Equal(t, []int{3, 60, 6}, []int{r.Publishers, r.Viewers, r.Verifying})
	require.Equal(t, 60, r.Delivered.Served)
	require.Positive(t, r.Delivered.Bytes)
	require.Positive(t, r.Sent.Messages)
	require.Positive(t, r.Checked.Messages)
	require.Positive(t, r.Latency.P50)
	require.Positive(t, r.Server.CPUSeconds)
	require.Positive(t, r.Server.Memory.Anonymous)
	require.Len(t, r.Windows, 2)

	wrong := startProcess(t, load, "-target", s.url("nowhere"), "-seconds", "1")
	require.Equal(t, 1, wrong.wait(patience))
	require.Contains(t, wrong.output.String(), "NetConnection.Connect.Rejected")
}
